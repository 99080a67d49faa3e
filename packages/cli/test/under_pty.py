"""Runs a program under a pseudo-terminal of a given size: under_pty.py COLUMNS ROWS PROGRAM ARGUMENT...

Commands come on standard input, one JSON object a line: {"type": "text"}, {"size": [columns, rows]}.
What happens goes to standard output in the same way: {"output": "base64"}, {"echo": true}, {"status": 0}.
"""

import base64
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def tell(**what):
    print(json.dumps(what), flush=True)


def read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux: the program has closed its side.
        return b""


def main():
    columns, rows, *command = sys.argv[1:]
    child, terminal = pty.fork()
    if child == 0:
        # The size is there before the program starts.
        resize(0, int(columns), int(rows))
        os.execvp(command[0], command)
    commands = b""
    while True:
        ready, _, _ = select.select([terminal, 0], [], [])
        if 0 in ready:
            more = os.read(0, 65536)
            if not more:  # The test is over. The program gets a hang-up with the end of its terminal.
                return
            *lines, commands = (commands + more).split(b"\n")
            for line in lines:
                command = json.loads(line)
                if "type" in command:
                    os.write(terminal, command["type"].encode())
                if "size" in command:
                    resize(terminal, *command["size"])
        if terminal in ready:
            output = read(terminal)
            if not output:
                break
            # Whether what is typed is shown.
            echo = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
            tell(output=base64.b64encode(output).decode(), echo=echo)
    _, status = os.waitpid(child, 0)
    tell(status=os.waitstatus_to_exitcode(status))


main()
