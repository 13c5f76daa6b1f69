"""The real server, with pages on this machine to check: SERVER=PROGRAM python3 server.py."""

import http.client
import http.server
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/page")
        elif self.path == "/file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
        elif self.path == "/slow":
            time.sleep(1)
            self.send_response(200)
        else:
            self.send_response(200 if self.path == "/page" else 404)
        self.end_headers()
        self.wfile.write(b"x" * 100_000)

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server(unittest.TestCase):
    settings: dict[str, str] = {"PRIVATE_ADDRESSES": "allow"}

    @classmethod
    def setUpClass(cls):
        cls.pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        threading.Thread(target=cls.pages.serve_forever, daemon=True).start()
        cls.page = f"http://127.0.0.1:{cls.pages.server_port}"

    @classmethod
    def tearDownClass(cls):
        cls.pages.shutdown()
        cls.pages.server_close()

    def setUp(self):
        self.port = free_port()
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.environment = {"PORT": str(self.port), "DATABASE": f"{folder}/test.db", **self.settings}
        self.start()

    def start(self, **more):
        self.process = subprocess.Popen([os.environ["SERVER"]], env={**self.environment, **more}, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.process.stdout.close)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        self.assertIn("serving", self.process.stdout.readline())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def ask(self, method, path, url=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, urllib.parse.urlencode({"url": url}) if url else None)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if "json" in (answer.headers["content-type"] or ""):
            body = json.loads(body or "null")
        return answer.status, body, answer.headers

    def raw(self, text):
        with socket.create_connection(("127.0.0.1", self.port), 20) as s:
            s.sendall(text)
            return s.makefile("rb").readline()


class Bookmarks(Server):
    def test_checks(self):
        for path, status in {"/page": 200, "/moved": 200, "/none": 404}.items():
            code, got, headers = self.ask("POST", "/bookmarks", self.page + path)
            self.assertEqual((code, got["status"], got["error"]), (201, status, None), path)
            self.assertEqual(headers["location"], f"/bookmarks/{got['id']}")
        self.assertEqual(self.ask("POST", "/bookmarks", self.page + "/page")[0], 200)
        self.assertEqual([b["status"] for b in self.ask("GET", "/bookmarks")[1]], [200, 200, 404])
        self.assertEqual(self.ask("DELETE", "/bookmarks/2")[0], 204)
        self.assertEqual(self.ask("GET", "/bookmarks/2")[0], 404)
        self.assertEqual(self.ask("DELETE", "/bookmarks/2")[0], 404)
        self.assertEqual(self.stop(), 0)

    def test_no_answer(self):
        code, got, _ = self.ask("POST", "/bookmarks", f"http://127.0.0.1:{free_port()}/")
        self.assertEqual((code, got["status"]), (201, None))
        self.assertIn("connect", got["error"].lower())
        self.assertIn("rotocol", self.ask("POST", "/bookmarks", self.page + "/file")[1]["error"])

    def test_checks_again(self):
        self.stop()
        self.start(CHECK_INTERVAL="1s")
        first = self.ask("POST", "/bookmarks", self.page + "/page")[1]
        deadline = time.time() + 20
        while self.ask("GET", "/bookmarks/1")[1]["checked"] == first["checked"]:
            self.assertLess(time.time(), deadline, "it was not checked again")
            time.sleep(0.1)

    def test_what_is_not_there(self):
        for path in "/", "/bookmarks/", "/bookmarks/1", "/bookmarks/x", "/bookmarks/-1", "/bookmarks/99999999999999999999":
            self.assertEqual(self.ask("GET", path)[0], 404, path)
        for method, path, allow in ("PUT", "/bookmarks", "POST"), ("POST", "/bookmarks/1", "DELETE"), ("POST", "/healthz", "HEAD"):
            code, _, headers = self.ask(method, path)
            self.assertEqual(code, 405, path)
            self.assertIn(allow, headers["allow"])

    def test_what_is_no_url(self):
        for url in None, "example.com", "ftp://example.com/", "http://user:secret@127.0.0.1/":
            self.assertEqual(self.ask("POST", "/bookmarks", url)[0], 422, url)

    def test_ambiguous_requests(self):
        for head in b"", b"Host: a\r\nHost: b\r\n", b"Host: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n":
            self.assertIn(b" 400 ", self.raw(b"GET /bookmarks HTTP/1.1\r\n" + head + b"\r\nab"), head)
        self.assertIn(b" 200 ", self.raw(b"GET /bookmarks HTTP/1.0\r\n\r\n"))

    def test_client_that_does_not_wait(self):
        body = urllib.parse.urlencode({"url": self.page + "/slow"}).encode()
        with socket.create_connection(("127.0.0.1", self.port)) as s:
            s.sendall(b"POST /bookmarks HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        time.sleep(1.5)
        self.assertEqual(self.ask("GET", "/bookmarks/1")[1]["status"], 200)
        self.assertEqual(self.stop(), 0)


class PublicAddressesOnly(Server):
    settings: dict[str, str] = {}

    def test_refuses(self):
        for host in "127.0.0.1", "[::1]", "localhost":
            code, got, _ = self.ask("POST", "/bookmarks", f"http://{host}:{self.pages.server_port}/page")
            self.assertEqual((code, got["error"]), (201, "the address is not public"), host)


class Ends(Server):
    def probe(self, path):
        return subprocess.run([os.environ["SERVER"], "--probe", path], env=self.environment, check=False, stderr=subprocess.DEVNULL).returncode

    def test_drains(self):
        self.stop()
        self.start(DRAIN_DELAY="1s")
        self.assertEqual((self.probe("/readyz"), self.probe("/none")), (0, 1))
        self.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        self.assertEqual(self.ask("GET", "/readyz")[0], 503)
        code, _, headers = self.ask("GET", "/bookmarks")
        self.assertEqual((code, headers["connection"]), (200, "close"))
        self.assertEqual(self.ask("POST", "/bookmarks", self.page + "/slow")[1]["status"], 200)
        self.assertEqual(self.process.wait(20), 0)

    def test_second_signal(self):
        self.stop()
        self.start(DRAIN_DELAY="1m")
        self.process.send_signal(signal.SIGTERM)
        self.assertIn("signal", self.process.stdout.readline())
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(5), 1)

    def test_abandons_slow_checks(self):
        threads = [threading.Thread(target=self.quietly, args=(self.page + "/slow",)) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        self.assertEqual(self.stop(), 0)
        for thread in threads:
            thread.join()

    def quietly(self, url):
        try:
            self.ask("POST", "/bookmarks", url)
        except (OSError, http.client.HTTPException):
            pass

    def test_bad_settings(self):
        for name, value in ("PORT", "http"), ("DATABASE", "/nonexistent/x.db"), ("PORT", str(self.port)):
            done = subprocess.run([os.environ["SERVER"]], env={**self.environment, name: value}, capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
            self.assertIn(value, done.stderr)


if __name__ == "__main__":
    unittest.main()
