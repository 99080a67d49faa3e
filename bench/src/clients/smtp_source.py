"""Postfix smtp-source: first a few messages to learn its speed, then as many as fill the seconds of the job."""

import json
import resource
import subprocess
import sys
import time

job = json.loads(sys.argv[1])
target = job["target"]


def send(count):
    """The time and CPU time of one call. It composes nothing: the content is one octet, repeated."""
    sessions = str(target["connections"])
    server = f"127.0.0.1:{target['port']}"
    before, start = cpu(), time.perf_counter()
    length = str(job["length"])
    reuse = [] if target.get("variant") == "reconnecting" else ["-d"]
    command = [job["command"], *reuse, "-s", sessions, "-l", length, "-m", str(count), server]
    subprocess.run(command, check=True)
    return time.perf_counter() - start, cpu() - before


def cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


few = target["connections"] * (2 if job["length"] > 100000 else 100)
pace, _ = send(few)
count = max(few, int(few * job["seconds"] / pace))
seconds, spent = send(count)
print(json.dumps({"total": few + count, "sent": count, "seconds": seconds, "cpu": spent, "peak": None}))
