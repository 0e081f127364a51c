"""A LangSmith server on loopback that writes down what it is sent; the client is langsmith's own."""

import email
import email.policy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import zstandard

INFO = {
    "version": "0.12.0",
    "batch_ingest_config": {
        "use_multipart_endpoint": True,
        "scale_up_qsize_trigger": 1000,
        "scale_up_nthreads_limit": 16,
        "scale_down_nempty_trigger": 4,
        "size_limit": 100,
        "size_limit_bytes": 20_971_520,
    },
    "instance_flags": {"zstd_compression_enabled": True},
}


class Recorder:
    """The runs that arrived, by id, each with the fields of its later updates."""

    def __init__(self) -> None:
        self.runs: dict[str, dict[str, Any]] = {}
        self.paths: list[str] = []
        self.bodies: list[bytes] = []
        self.url = ""
        self._lock = threading.Lock()

    def take(self, path: str, encoding: str, content_type: str, body: bytes) -> None:
        """One request."""
        if encoding == "zstd":
            body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
        with self._lock:
            self.paths.append(path)
            self.bodies.append(body)
            if path.endswith("/multipart"):
                self._multipart(content_type, body)
            elif "/runs" in path and body:
                self._merge(json.loads(body))

    def _multipart(self, content_type: str, body: bytes) -> None:
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        for part in email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            event, run, *field = name.split(".")
            if event not in ("post", "patch"):
                continue
            value = json.loads(part.get_payload(decode=True))  # type: ignore[arg-type]
            found = self.runs.setdefault(run, {})
            found.update({field[0]: value} if field else {k: v for k, v in value.items() if v is not None})

    def _merge(self, value: dict[str, Any]) -> None:
        for run in [*value.get("post", []), *value.get("patch", [])] or [value]:
            self.runs.setdefault(run["id"], {}).update({k: v for k, v in run.items() if v is not None})

    # --- what the tests ask ---

    def path_of(self, run: dict[str, Any]) -> tuple[str, ...]:
        """Names from the root to the run."""
        above = self.runs.get(str(run.get("parent_run_id")))
        return (*(self.path_of(above) if above else ()), run["name"])

    def metadata(self, run: dict[str, Any]) -> dict[str, Any]:
        """Metadata of a run."""
        return dict((run.get("extra") or {}).get("metadata") or {})


@contextmanager
def recording() -> Iterator[Recorder]:
    """A recorder at `recorder.url`, which is on loopback."""
    recorder = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(INFO if self.path == "/info" else {})

        def do_POST(self) -> None:
            body = self._body()
            headers = self.headers
            recorder.take(self.path, headers.get("Content-Encoding", ""), headers.get("Content-Type", ""), body)
            self._answer({})

        do_PATCH = do_POST

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def _answer(self, value: dict[str, Any]) -> None:
            content = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recorder.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
