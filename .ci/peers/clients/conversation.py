# coding: utf-8
"""What the Python clients have in common: the texts of a conversation and the report on it."""
import json
import sys

DEADLINE = 200  # Seconds; so that the report comes before the caller ends this.
ORIGIN = 'http://example.com'


def texts(mode):
    if mode == 'server-closes':
        return [u'hello']
    # The last one is 200 KiB in UTF-8.
    return [u'hello', u'Grüße, 世界 🎉', u'añb€' * 29258]


def report(mode, echoed, closed, subprotocol=None):
    """Prints the outcome and ends the program."""
    print(json.dumps({'echoed': echoed, 'closed': closed, 'subprotocol': subprotocol}))
    sys.stdout.flush()
    sys.exit(0 if closed == 'clean' and echoed >= len(texts(mode)) else 1)
