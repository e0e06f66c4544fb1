"""Python's own IMAP, POP3 and SMTP clients, logged in."""
import imaplib
import poplib
import smtplib
import ssl


def tls(demo):
    return ssl.create_default_context(cafile=demo.ca)


def imap(demo, user):
    session = imaplib.IMAP4_SSL("localhost", demo.ports["imaps"], ssl_context=tls(demo))
    session.login(user, demo.passwords[user])
    return session


def pop3(demo, user):
    session = poplib.POP3_SSL("localhost", demo.ports["pop3s"], context=tls(demo))
    session.user(user)
    session.pass_(demo.passwords[user])
    return session


def submission(demo, user):
    session = smtplib.SMTP_SSL("localhost", demo.ports["submissions"], context=tls(demo))
    session.login(user, demo.passwords[user])
    return session


def empty(demo, user, folder="INBOX"):
    """Removes all messages of a folder."""
    with imap(demo, user) as session:
        session.select(folder)
        session.store("1:*", "+FLAGS.SILENT", "(\\Deleted)") if int(session.select(folder)[1][0]) else None
        session.expunge()
