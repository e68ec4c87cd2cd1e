import marshal
import os
from pathlib import Path
from types import CodeType

import pytest

from local.build import compile_functions
from local.cloud import LocalCloudError

UNCHECKED_HASH = 1  # PEP 552: a hash in the header, which the interpreter does not compare


def function_folder(parent: Path, name: str, source: str) -> Path:
    folder = parent / name / "webhook"
    folder.mkdir(parents=True)
    (folder / "receive.py").write_text(source)
    return folder.parent


def bytecode(folder: Path) -> bytes:
    return (folder / "webhook/__pycache__/receive.cpython-313.pyc").read_bytes()


def code(folder: Path) -> CodeType:
    compiled = marshal.loads(bytecode(folder)[16:])
    assert isinstance(compiled, CodeType)
    return compiled


def test_bytecode_is_trusted_unchecked_and_names_the_place_where_lambda_has_the_source(
    tmp_path: Path,
) -> None:
    folder = function_folder(tmp_path, "OneFunction", "X = 1\n")
    compile_functions([folder])
    assert int.from_bytes(bytecode(folder)[4:8], "little") == UNCHECKED_HASH
    assert code(folder).co_filename == "/var/task/webhook/receive.py"


def test_bytecode_left_from_an_older_source_does_not_survive(tmp_path: Path) -> None:
    folder = function_folder(tmp_path, "OneFunction", "X = 1\n")
    compile_functions([folder])
    source = folder / "webhook/receive.py"
    before = source.stat()
    source.write_text("X = 2\n")
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    compile_functions([folder])
    assert code(folder).co_consts[0] == 2


def test_source_that_does_not_compile_is_refused_with_its_place(tmp_path: Path) -> None:
    folder = function_folder(tmp_path, "OneFunction", "def x(:\n")
    with pytest.raises(LocalCloudError, match=r"/var/task/webhook/receive.py.*line 1"):
        compile_functions([folder])


def test_functions_share_a_compilation_only_if_their_sources_are_equal(tmp_path: Path) -> None:
    one = function_folder(tmp_path, "OneFunction", "X = 1\n")
    same = function_folder(tmp_path, "SameFunction", "X = 1\n")
    other = function_folder(tmp_path, "OtherFunction", "X = 2\n")
    compile_functions([one, same, other])
    assert bytecode(one) == bytecode(same)
    assert bytecode(one) != bytecode(other)
