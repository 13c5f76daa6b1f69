"""The real server over a folder of its own: SERVER=PROGRAM python3 server.py."""

import http.client
import os
import pathlib
import resource
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest


class Server(unittest.TestCase):
    delay = "0s"

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "a").mkdir()
        for name, text in {"index.html": "top", "404.html": "gone", "a/index.html": "a", "large": "x" * 5_000_000}.items():
            (self.folder / name).write_text(text)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.process = subprocess.Popen(
            [os.path.abspath(os.environ["SERVER"]), self.folder],
            env={"PORT": str(self.port), "DRAIN_DELAY": self.delay},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self.process.communicate)
        self.addCleanup(self.process.kill)
        self.assertIn("on port", self.process.stderr.readline())

    def ask(self, method, path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body, answer.headers

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port), 20)
        self.addCleanup(s.close)
        return s

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


class Files(Server):
    def test_files(self):
        code, body, headers = self.ask("GET", "/")
        self.assertEqual((code, body, headers["content-type"]), (200, "top", "text/html; charset=utf-8"))
        self.assertEqual(self.ask("GET", "/", If_None_Match=headers["etag"])[:2], (304, ""))
        self.assertEqual(self.ask("HEAD", "/")[1:][0], "")
        self.assertEqual(self.ask("HEAD", "/")[2]["content-length"], "3")
        code, body, headers = self.ask("GET", "/large", Range="bytes=-10")
        self.assertEqual((code, body, headers["content-range"]), (206, "x" * 10, "bytes 4999990-4999999/5000000"))
        self.assertEqual(self.ask("GET", "/large", Range="bytes=5000000-")[0], 416)
        self.assertEqual(self.ask("GET", "/none")[:2], (404, "gone"))
        code, _, headers = self.ask("GET", "/a?b")
        self.assertEqual((code, headers["location"]), (301, "/a/"))
        code, _, headers = self.ask("POST", "/")
        self.assertEqual((code, headers["allow"]), (405, "GET, HEAD"))
        self.assertEqual(self.ask("GET", "/" + "a" * 600 + "/..")[0], 404)
        self.assertEqual(self.stop(), 0)

    def test_log(self):
        self.ask("GET", "/a/?x=1")
        self.ask("GET", "/-/healthy")
        self.stop()
        self.assertRegex(self.process.stdout.read(), r'^127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /a/\?x=1 HTTP/1\.1" 200 1\n$')

    def test_slow_reader(self):
        s = self.connect()
        s.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        time.sleep(0.3)
        self.assertEqual(self.ask("GET", "/")[0], 200)
        got = 0
        while chunk := s.recv(65536):
            got += len(chunk)
        self.assertGreater(got, 5_000_000)

    def test_pipelined_and_in_pieces(self):
        s = self.connect()
        request = b"GET /a/ HTTP/1.1\r\nHost: a\r\n\r\n"
        s.sendall(request * 3 + request[:10])
        time.sleep(0.1)
        s.sendall(request[10:-4] + b"\r\nConnection: close\r\n\r\n")
        self.assertEqual(s.makefile("rb").read().count(b"\r\n\r\na"), 4)

    def test_refuses(self):
        for text, code in (
            (b"GET /" + b"x" * 10_000, b"414"),
            (b"GET / HTTP/1.1\r\nA: " + b"x" * 1_000_000, b"431"),
            (b"nonsense\r\n\r\n", b"400"),
            (b"GET / HTTP/3.0\r\n\r\n", b"505"),
            (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000, b"405"),
        ):
            s = self.connect()
            s.sendall(text)
            self.assertEqual(s.makefile("rb").read(12), b"HTTP/1.1 " + code, text[:40])
        self.assertEqual(self.stop(), 0)

    def test_many(self):
        def client():
            for _ in range(20):
                self.assertEqual(self.ask("GET", "/a/")[:2], (200, "a"))

        idle = [self.connect() for _ in range(300)]
        threads = [threading.Thread(target=client) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for s in idle[:100]:
            s.close()
        self.assertEqual(self.ask("GET", "/")[0], 200)
        self.assertEqual(self.stop(), 0)

    def test_full(self):
        idle = [self.connect() for _ in range(1100)]
        for s in idle[:200]:
            s.close()
        self.assertEqual(self.ask("GET", "/")[0], 200)


class Ends(Server):
    delay = "1s"

    def test_drains(self):
        begun = self.connect()
        begun.sendall(b"GET /a/ HT")
        idle = self.connect()
        self.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        self.assertEqual(self.ask("GET", "/-/ready")[0], 503)
        self.assertEqual(self.ask("GET", "/-/healthy")[0], 200)
        code, _, headers = self.ask("GET", "/")
        self.assertEqual((code, headers["connection"]), (200, "close"))
        time.sleep(0.9)
        with self.assertRaises(ConnectionRefusedError):
            self.connect()
        begun.sendall(b"TP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual(begun.recv(12), b"HTTP/1.1 200")
        begun.close()
        self.assertEqual(idle.recv(1), b"")
        self.assertEqual(self.process.wait(10), 0)

    def test_second_signal(self):
        self.process.send_signal(signal.SIGTERM)
        self.assertIn("signal", self.process.stderr.readline())
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(5), 1)

    def test_bad_start(self):
        for folder, port in (self.folder, "http"), (self.folder, str(self.port)), ("/nonexistent", "8080"):
            done = subprocess.run([os.environ["SERVER"], folder], env={"PORT": port}, capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)


if __name__ == "__main__":
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    unittest.main()
