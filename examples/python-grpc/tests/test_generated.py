import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_generated_code_is_up_to_date(tmp_path: Path) -> None:
    outputs = [f"--{kind}_out={tmp_path}" for kind in ("python", "pyi", "grpc_python")]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", "-Iproto", *outputs, "clock/v1/clock.proto"],
        cwd=ROOT,
        check=True,
    )
    generated = {path.name: path.read_text() for path in (tmp_path / "clock/v1").iterdir()}
    assert set(generated) == {"clock_pb2.py", "clock_pb2.pyi", "clock_pb2_grpc.py"}
    for name, text in generated.items():
        committed = (ROOT / "src/clock/v1" / name).read_text()
        assert committed == text, f"{name} is not what the .proto gives: see README.md"
