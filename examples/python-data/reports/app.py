import base64
import json
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from flask import Flask, Response, jsonify, request

from reports import chart, sales


def signing_key() -> Ed25519PrivateKey:
    """The key in SIGNING_KEY, a PEM; a new one if there is none, which others cannot know."""
    pem = os.environ.get("SIGNING_KEY")
    if not pem:
        return Ed25519PrivateKey.generate()
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise SystemExit("reports: read SIGNING_KEY: it is not an Ed25519 key")
    return key


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1 << 20
    key = signing_key()
    table = sales.shipped()

    def signed(value: object) -> Response:
        content = json.dumps(value, sort_keys=True).encode()
        response = Response(content, mimetype="application/json")
        response.headers["signature"] = base64.b64encode(key.sign(content)).decode()
        return response

    @app.get("/healthz")
    @app.get("/readyz")
    def health() -> Response:
        return jsonify(status="ok")

    @app.get("/key")
    def public_key() -> Response:
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return Response(pem, mimetype="application/x-pem-file")

    @app.get("/summary")
    def summary() -> Response:
        return signed(sales.summary(table))

    @app.post("/summary")
    def summary_of() -> Response:
        xml = request.mimetype in ("application/xml", "text/xml")
        read = sales.from_xml if xml else sales.from_csv
        return signed(sales.summary(read(request.get_data())))

    @app.get("/chart.png")
    def drawn() -> Response:
        return Response(chart.png(table), mimetype="image/png")

    @app.errorhandler(sales.BadTableError)
    def bad_table(error: sales.BadTableError) -> tuple[Response, int]:
        return jsonify(error=str(error)), 400

    return app
