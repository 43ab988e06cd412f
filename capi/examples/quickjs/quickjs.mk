# A WebSocket for QuickJS-ng in C. The engine's sources are those of the crate rquickjs-sys, which cargo has fetched;
# they are compiled with flags of their own.
QUICKJS = $(eval QUICKJS := $$(shell $(CARGO) metadata --locked --format-version 1 | \
	sed 's|.*"manifest_path":"\([^"]*/rquickjs-sys-[^"]*\)/Cargo.toml".*|\1/quickjs|'))$(QUICKJS)
# Optimised in full it takes three times as long to compile, which nothing that is run here brings back.
QUICKJS_CFLAGS ?= $(if $(filter release,$(PROFILE)),-O2,-O1) -w
ENGINE := $(patsubst %,$(OUT)/quickjs-ng/%.o,quickjs libregexp libunicode dtoa quickjs-libc)
# All but the shell is what another program takes, and the test does.
EMBEDDED := $(patsubst %,$(OUT)/quickjs/%.o,page runtime interface convert event event_target blob websocket echo_server)
SHELL_OBJECTS := $(patsubst %,$(OUT)/quickjs/%.o,main console timers)
SCRIPTS := $(wildcard ../../examples/js/*.js) ../../examples/js/modules.mjs

$(OUT)/quickjs-ng/%.o: | library
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -funsigned-char $(QUICKJS_CFLAGS) -c $(QUICKJS)/$*.c -o $@

$(OUT)/quickjs/%.o: quickjs/%.c $(wildcard quickjs/*.h) ../include/domws.h | library
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -isystem $(QUICKJS) -c $< -o $@

$(OUT)/quickjs-shell: $(SHELL_OBJECTS) $(EMBEDDED) $(ENGINE)
	$(CC) $^ $(LDLIBS) -lm -ldl -o $@

$(OUT)/test-quickjs: ../tests/quickjs.c ../tests/check.h $(EMBEDDED) $(ENGINE)
	$(CC) $(CFLAGS) -Iquickjs -isystem $(QUICKJS) $< $(EMBEDDED) $(ENGINE) $(LDLIBS) -lm -ldl -o $@

quickjs: $(OUT)/quickjs-shell

# The scripts of the repository print what they do in its other engines.
check-quickjs: $(OUT)/quickjs-shell $(OUT)/test-quickjs
	@for script in $(SCRIPTS); do \
		name=$${script##*/}; printf 'quickjs %s\n' "$$name"; \
		$(VALGRIND) $(OUT)/quickjs-shell --echo $$script >$(OUT)/output && \
			diff ../../.ci/js-expected/$${name%.*}.txt $(OUT)/output || exit 1; \
	done
	@for case in '0 setTimeout(() => { throw 1; })' '0 Promise.reject(1)' '1 throw 1' '1 no script' '7 setInterval(() => quit(7))'; do \
		printf '%s' "$${case#* }" >$(OUT)/status.js; \
		$(OUT)/quickjs-shell $(OUT)/status.js 2>/dev/null; \
		[ $$? = "$${case%% *}" ] || { printf 'not the exit status: %s\n' "$$case"; exit 1; }; \
	done
	@printf 'console.log(location.origin, location.host + location.pathname)' >$(OUT)/location.js
	@for case in 'file:///x|null /x' 'foo://bar/|null /' '  http://[::1]:81/a?b#c|http://[::1]:81 [::1]:81/a' 'x:?://|null '; do \
		[ "$$($(VALGRIND) $(OUT)/quickjs-shell --base-url "$${case%|*}" $(OUT)/location.js)" = "$${case#*|}" ] || \
			{ printf 'not the location: %s\n' "$$case"; exit 1; }; \
	done
	$(VALGRIND) $(OUT)/quickjs-shell --echo quickjs/tests.mjs
	$(VALGRIND) $(OUT)/test-quickjs
	GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1 $(OUT)/test-quickjs 10000 1000

.PHONY: quickjs check-quickjs
