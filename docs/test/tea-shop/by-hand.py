import os, smtplib, ssl

# snippet: by-hand
with smtplib.SMTP("localhost", int(os.environ["MAIL_PORT"])) as server:
    server.starttls(context=ssl.create_default_context(cafile=os.environ["NODE_EXTRA_CA_CERTS"]))
    server.login("tea@example.com", os.environ["MAIL_PASSWORD"])
    server.sendmail("tea@example.com", ["ann@example.com"], "Subject: By hand\r\n\r\nIt works.\r\n")
    print("Sent by hand.")
# end
