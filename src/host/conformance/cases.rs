//! The names of all cases, and the ways to run them.

use super::{
    Subject, conversions, events, existing, gc, hostile, html5, loops, realms, reporter, shape,
    signals, sockets, stream_gc, stream_interfaces, streams,
};

/// Makes of the list of cases what runs one by its name, and the macro that makes tests of all.
macro_rules! cases {
    ($dollar:tt $($file:ident { $($case:ident,)* })*) => {
        /// The names of all cases: what it is about, and the case's sentence.
        ///
        /// ```
        /// use dom_websocket::host::conformance::names;
        ///
        /// assert!(names().any(|name| name == "sockets::an_echo_comes_back"));
        /// ```
        pub fn names() -> impl Iterator<Item = &'static str> {
            [$($(concat!(stringify!($file), "::", stringify!($case)),)*)*].into_iter()
        }

        /// Runs a case.
        ///
        /// # Panics
        ///
        /// If the adapter fails it, or there is none of this name.
        ///
        /// ```
        /// use dom_websocket::host::conformance::{Subject, names, run};
        ///
        /// /// For a harness of another kind.
        /// fn run_those_of<Mine: Subject>(subject: &str) {
        ///     names().filter(|name| name.starts_with(subject)).for_each(run::<Mine>);
        /// }
        /// ```
        pub fn run<S: Subject>(name: &str) {
            match name {
                $($(
                    concat!(stringify!($file), "::", stringify!($case)) => $file::$case::<S>(),
                )*)*
                _ => panic!("there is no case {name}"),
            }
        }

        /// Makes a `#[test]` of each case of [`host::conformance`](crate::host::conformance), for a type
        /// that is a [`Subject`](crate::host::conformance::Subject). The tests stand in modules beside the
        /// call, such as `sockets`.
        #[macro_export]
        macro_rules! host_conformance_tests {
            ($dollar subject:ty) => {
                $(
                    mod $file {
                        #[allow(unused_imports)]
                        use super::*;

                        $(
                            #[test]
                            fn $case() {
                                $dollar crate::host::conformance::run::<$dollar subject>(concat!(
                                    stringify!($file), "::", stringify!($case)
                                ));
                            }
                        )*
                    }
                )*
            };
        }
    };
}

cases! {
    $
    shape {
        the_interfaces_are_on_the_global_object,
        prototypes_are_chained,
        constants_are_on_the_interface_and_on_its_prototype,
        attributes_are_accessors_of_the_prototype,
        operations_are_functions_of_the_prototype,
        members_are_in_the_order_of_webidl,
        functions_have_their_names_and_lengths,
        members_refuse_objects_of_other_kinds,
        constructors_need_new,
        constructors_need_their_arguments,
        classes_extend_the_interfaces,
        is_trusted_is_a_property_of_each_event,
        an_exception_is_an_error,
    }
    conversions {
        the_constructor_converts_before_it_checks,
        strings_keep_their_code_units,
        slices_of_blobs_are_blobs,
        a_url_is_a_usv_string,
        protocols_are_a_string_or_a_sequence,
        bad_urls_and_protocols_are_syntax_errors,
        close_clamps_its_code,
        close_converts_before_it_checks,
        send_takes_what_the_union_says,
        send_throws_while_connecting_after_converting,
        binary_type_ignores_what_is_no_value_of_it,
        handlers_are_objects_or_null,
        listeners_are_objects_or_null,
        options_are_read_in_order,
        event_dictionaries_are_read_in_order,
        message_events_check_sources_and_ports,
        init_methods_convert_their_arguments,
        blobs_take_parts_and_options,
        relative_urls_use_the_base_url,
    }
    events {
        listeners_run_in_two_passes,
        a_listener_is_known_by_type_callback_and_capture,
        changes_during_dispatch_take_effect_in_the_next_pass,
        propagation_stops,
        passive_listeners_cannot_cancel,
        listener_objects_are_looked_up_when_called,
        this_is_the_current_target,
        handlers_keep_their_place,
        a_handler_that_returns_false_cancels,
        handlers_hear_events_of_script,
        an_exception_stops_nothing,
        an_event_is_dispatched_once_at_a_time,
        listeners_dispatch_themselves,
        microtasks_run_between_the_listeners_of_a_task,
        microtasks_wait_for_script_that_dispatches,
        a_microtask_that_throws_is_reported,
    }
    signals {
        signals_remove_listeners,
        abort_signals_abort,
        abort_signals_depend_on_others,
        abort_signals_time_out,
        a_timeout_is_a_task_of_its_own,
        timeouts_end_in_the_order_of_their_beginnings,
        a_timeout_that_nobody_waits_for_is_not_waited_for,
        a_timeout_is_waited_for_while_somebody_does,
        a_timeout_that_nobody_waits_for_passes,
        a_realm_that_goes_takes_its_timers_along,
    }
    sockets {
        an_echo_comes_back,
        binary_messages_are_what_binary_type_says,
        events_are_trusted_and_have_their_interfaces,
        a_failure_is_an_error_and_a_close,
        close_codes_and_reasons_arrive,
        closing_while_connecting_fails_later,
        nothing_is_delivered_after_close,
        the_buffered_amount_falls_between_tasks,
        ready_state_changes_in_tasks,
        the_protocol_is_the_servers_choice,
        sockets_open_sockets,
        each_received_event_is_an_object_of_its_own,
        a_microtask_finds_the_event_under_way,
        what_the_only_listener_does_to_the_list_is_heeded,
        an_event_is_a_task_of_its_own,
        a_blocked_port_fails,
        the_origin_is_the_pages,
        a_large_message_arrives_whole,
        text_keeps_every_character,
        many_sockets_share_a_loop,
    }
    html5 {
        the_interface_is_that_of_2010,
        the_constructor_takes_one_protocol,
        send_returns_a_boolean,
        close_takes_no_arguments,
        handlers_run_ahead_of_listeners,
        messages_arrive_while_closing,
        a_failure_is_a_close_alone,
        init_methods_make_events,
        a_blocked_port_throws,
    }
    existing {
        what_the_realm_has_stays,
        sockets_work_all_the_same,
        exceptions_are_the_realms,
        events_of_the_realms_own_reach_listeners,
        signals_of_the_realms_own_remove_listeners,
        blobs_of_the_realms_own_are_sent_in_order,
        many_realms_share_a_loop,
        a_realm_can_be_installed_in_twice,
    }
    gc {
        a_socket_with_a_listener_stays,
        a_socket_without_listeners_goes_and_closes,
        a_socket_whose_listeners_can_hear_nothing_goes,
        the_loop_does_not_wait_for_garbage,
        the_loop_does_not_wait_for_what_becomes_garbage,
        the_loop_ends_without_waiting_for_a_collection,
        cycles_through_listeners_are_garbage,
        closed_sockets_are_garbage,
        targets_and_signals_are_garbage,
        dependent_signals_are_held_while_they_are_heard,
        dependent_signals_leave_nothing_behind,
        a_listener_that_runs_once_is_let_go,
        a_removed_listener_is_let_go,
        what_is_queued_is_sent_first,
        a_thousand_sockets_leave_nothing_behind,
        a_realm_that_goes_takes_its_sockets_along,
        a_realm_that_goes_within_a_message,
    }
    stream_interfaces {
        a_realm_with_streams_has_the_interfaces,
        errors_take_a_code_and_a_reason,
        the_constructor_of_streams_converts_before_it_checks,
        streams_that_are_none_are_survived,
        an_exception_of_the_realms_own_is_a_streams_too,
    }
    streams {
        a_stream_reads_and_writes,
        a_chunk_that_cannot_be_converted_errors_the_writable,
        a_handshake_that_fails_rejects_both_promises,
        a_signal_aborts_the_handshake_alone,
        a_signal_of_the_realms_own_aborts_the_handshake,
        a_signal_of_another_realm_aborts_the_handshake,
        the_streams_close_the_connection,
        the_peer_closes_streams,
        an_unread_message_holds_the_end_back,
        microtasks_run_between_the_tasks_of_a_stream,
        nothing_is_read_while_nobody_pulls,
        a_write_waits_for_room,
        an_end_while_writing_is_told,
    }
    stream_gc {
        a_stream_that_is_waited_for_stays,
        a_stream_that_nobody_waits_for_is_garbage,
        closed_streams_leave_nothing_behind,
        a_realm_that_goes_takes_its_streams_along,
        an_unloaded_document_hears_nothing_of_streams,
    }
    loops {
        a_loop_of_the_hosts_own_is_woken,
        the_loop_may_go_first,
        a_future_drives_the_loop,
        an_unloaded_document_hears_nothing,
        a_page_is_left_in_a_handler,
    }
    realms {
        realms_share_an_engine,
        realms_use_functions_of_each_other,
        exceptions_of_microtasks_are_their_realms,
    }
    reporter {
        the_loops_host_hears_of_it_as_text,
        a_reporter_hears_of_it_instead_and_gets_the_value,
        what_a_reporter_throws_is_the_hosts,
    }
    hostile {
        any_argument_is_survived,
        getters_throw,
        handlers_replace_and_close_each_other,
        handlers_that_throw_do_not_keep_the_close_away,
        the_globals_may_be_replaced,
        prototypes_may_be_tampered_with,
        a_listener_recurses_without_end,
        proxies_stand_for_everything,
        a_chain_of_prototypes_has_no_end,
        a_socket_is_closed_in_every_event,
        many_listeners_come_and_go,
        conversions_close_the_socket,
    }
}
