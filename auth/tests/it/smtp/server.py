"""aiosmtpd, a real SMTP server, with a Maildir and a policy by the name of the recipient.

later-…   451 the first time
never-…   550
Arguments: the port, the Maildir, and for TLS the files of a certificate and its key.
"""

import asyncio
import ssl
import sys

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, AuthResult


class Policy(Mailbox):
    def __init__(self, folder):
        super().__init__(folder)
        self.seen = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("never-"):
            return f"550 <{address}> is not here"
        if address.startswith("later-") and address not in self.seen:
            self.seen.add(address)
            return f"451 <{address}> later"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    # What is not handled here the server answers itself.
    return AuthResult(success=(data.login, data.password) == (b"tests", b"right"), handled=False)


async def main():
    port, folder, *certificate = sys.argv[1:]
    options = {"authenticator": authenticate, "auth_require_tls": False}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        options |= {"tls_context": context, "require_starttls": True}
    policy = Policy(folder)
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: SMTP(policy, **options), "127.0.0.1", int(port))
    await asyncio.Event().wait()


asyncio.run(main())
