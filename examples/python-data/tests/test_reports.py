import base64
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask.testing import FlaskClient
from PIL import Image

from reports.app import create_app

CSV = "month,region,units,price\n2025-01,north,2,1.50\n2025-02,north,4,1.50\n"
XML = '<sales><sale month="2025-01" region="north" units="2" price="1.50"/></sales>'


@pytest.fixture
def client() -> FlaskClient:
    return create_app().test_client()


def test_the_summary_is_signed(client: FlaskClient) -> None:
    response = client.get("/summary")
    assert set(response.get_json()) == {"north", "south", "west"}
    key = load_pem_public_key(client.get("/key").data)
    assert isinstance(key, Ed25519PublicKey)
    key.verify(base64.b64decode(response.headers["signature"]), response.data)


def test_of_csv(client: FlaskClient) -> None:
    response = client.post("/summary", data=CSV, content_type="text/csv")
    assert response.get_json() == {"north": {"max": 6.0, "mean": 4.5, "sum": 9.0}}


def test_of_xml(client: FlaskClient) -> None:
    response = client.post("/summary", data=XML, content_type="application/xml")
    assert response.get_json() == {"north": {"max": 3.0, "mean": 3.0, "sum": 3.0}}


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("", "text/csv"),
        ("a,b\n1,2\n", "text/csv"),
        (CSV.replace("2,", "two,"), "text/csv"),
        ("<sales>", "application/xml"),
    ],
)
def test_a_bad_table_is_refused(client: FlaskClient, content: str, content_type: str) -> None:
    response = client.post("/summary", data=content, content_type=content_type)
    assert response.status_code == 400


def test_xml_reads_no_file(client: FlaskClient) -> None:
    sale = '<sale month="1" region="&e;" units="1" price="1"/>'
    content = f'<!DOCTYPE s [<!ENTITY e SYSTEM "file:///etc/passwd">]><s>{sale}</s>'
    response = client.post("/summary", data=content, content_type="application/xml")
    assert b"root:" not in response.data


def test_the_chart(client: FlaskClient) -> None:
    image = Image.open(BytesIO(client.get("/chart.png").data))
    assert image.size == (640, 320)
    assert image.getpixel((100, 280)) == (52, 101, 164)
