import os
import smtplib
from email.message import EmailMessage

message = EmailMessage()
message["From"], message["To"], message["Subject"] = "ann@example.com", "bob@example.com", "From Python"
message.set_content("Hi")
with smtplib.SMTP("127.0.0.1", int(os.environ["MAIL_PORT"])) as server:
    server.set_debuglevel(1)
    server.send_message(message)
    try:
        server.sendmail("ann@example.com", ["fail+rcpt-to.mailbox-unknown@example.test"], "Hi")
    except smtplib.SMTPRecipientsRefused as error:
        print(error.recipients)
