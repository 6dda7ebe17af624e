"""Runs a program in a terminal of so many columns and lines, and writes all that it shows, byte for byte.

    terminal.py COLUMNS LINES '[["text", "what is typed when it is shown"], ..]' PROGRAM ARGUMENTS..

It ends as the program ends. A text that is never shown is waited for until then.
"""

import fcntl
import json
import os
import pty
import struct
import sys
import termios


def main():
    columns, lines = int(sys.argv[1]), int(sys.argv[2])
    steps = json.loads(sys.argv[3])
    child, terminal = pty.fork()
    if child == 0:
        # The size is known before the program begins.
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(0, termios.TIOCSWINSZ, size)
        os.execvpe(sys.argv[4], sys.argv[4:], os.environ)
    shown = b""
    while True:
        try:
            more = os.read(terminal, 65536)
        except OSError:
            more = b""
        if not more:
            break
        os.write(1, more)
        shown += more
        while steps and steps[0][0].encode() in shown:
            text, typed = steps.pop(0)
            shown = shown.split(text.encode(), 1)[1]
            os.write(terminal, typed.encode())
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


main()
