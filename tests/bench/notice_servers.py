"""A mail server and a Slack that take everything, in a process of their own: it prints their ports and serves."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from aiosmtpd.smtp import SMTP


@contextmanager
def servers() -> Iterator[tuple[int, int]]:
    """Give the ports of the mail server and of Slack."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            if process.stdout is None:
                raise SystemExit("notice_servers: no output to read the ports from")
            mail, slack = json.loads(process.stdout.readline())
            yield mail, slack
        finally:
            process.kill()


class _Mail:
    async def handle_DATA(self, *_: object) -> str:  # noqa: N802
        return "250 2.0.0 Ok: queued"


class _Slack(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        said = b'{"ok": true, "channel": "C012AB3CD", "ts": "1503435956.000247"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    mail = await loop.create_server(lambda: SMTP(_Mail(), hostname="localhost", loop=loop), "127.0.0.1")
    slack = ThreadingHTTPServer(("127.0.0.1", 0), _Slack)
    Thread(target=slack.serve_forever, daemon=True).start()
    print(json.dumps([mail.sockets[0].getsockname()[1], slack.server_port]), flush=True)
    await mail.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
