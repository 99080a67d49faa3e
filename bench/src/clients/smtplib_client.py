"""Python's smtplib, one connection: sends for the seconds that the job says, and prints what that took."""

import json
import resource
import smtplib
import sys
import time
from email.message import EmailMessage

job = json.loads(sys.argv[1])
work = job["work"]


def message():
    whole = EmailMessage()
    whole["From"], whole["To"], whole["Subject"] = work["from"], work["to"], work["subject"]
    whole.set_content(work["text"])
    if "html" in work:
        whole.add_alternative(work["html"], subtype="html")
    if "file" in work:
        with open(work["file"], "rb") as file:
            whole.add_attachment(file.read(), maintype="application", subtype="octet-stream", filename="data.bin")
    if "bytes" in work:
        whole.add_attachment(attached, maintype="application", subtype="octet-stream", filename="data.bin")
    return whole


def send_for(seconds):
    sent, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds or sent == 0:
        server.send_message(message())
        sent += 1
    return sent, time.perf_counter() - start


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


attached = bytes(index * 97 % 256 for index in range(251)) * (1048576 // 251)
server = smtplib.SMTP("127.0.0.1", job["target"]["port"])
warm, _ = send_for(job["warmUp"])
before = cpu()
sent, seconds = send_for(job["seconds"])
spent = cpu() - before
server.quit()
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
print(json.dumps({"total": warm + sent, "sent": sent, "seconds": seconds, "cpu": spent, "peak": peak}))
