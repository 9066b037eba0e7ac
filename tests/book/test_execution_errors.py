"""What stops a chapter is called by its name: a dead kernel, a kernel that can't start, an error of its own."""

import errno
import os
from types import SimpleNamespace

import nbformat
import papermill
import pytest
from nbclient.exceptions import DeadKernelError

from camgan_lib.base.settings import Settings
from camgan_lib.book import chapters, execution, staleness
from camgan_lib.book.execution import ChapterFailed
from camgan_lib.book.kernels import kernel_server


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    """A plan and a way to execute a chapter of one cell."""
    monkeypatch.setattr(chapters, "UPSTREAM", {"dataset": ()})
    monkeypatch.setattr(chapters, "source", lambda name: tmp_path / "01_dataset.ipynb")
    monkeypatch.setattr(execution, "chapter_key", lambda plan, name: "key")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    settings = Settings.of(tmp_path / "build")
    plan = SimpleNamespace(parameters={"dataset": {}}, settings=settings, build=settings.build, kernel="python3")

    def execute(code, kernels=""):
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        tagged = nbformat.v4.new_code_cell("", metadata={"tags": ["parameters"]})
        cells = [tagged, nbformat.v4.new_code_cell(code)]
        nbformat.write(nbformat.v4.new_notebook(metadata=kernel, cells=cells), tmp_path / "01_dataset.ipynb")
        (settings.build / "records").mkdir(parents=True, exist_ok=True)
        (settings.build / "records" / "dataset.json").write_text("{}")
        execution.execute(plan, "dataset", kernels=kernels)
        return staleness.read_stamp(plan, "dataset")

    return execute


DIED = "the kernel of chapter dataset died"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (DeadKernelError("Kernel died"), DIED),
        (RuntimeError("Kernel died before replying to kernel_info"), DIED),
        (RuntimeError("Kernel didn't respond in 60 seconds"), DIED),
        (RuntimeError("Cannot interrupt kernel. No kernel is running!"), DIED),
        (
            RuntimeError("this event loop\nis running"),
            "could not be executed: RuntimeError: this event loop is running",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "python"), "could not be executed: PermissionError"),
        (FileNotFoundError(errno.ENOENT, "No such file", "python"), "could not be executed: FileNotFoundError"),
    ],
)
def test_why_a_chapter_could_not_be_executed(chapter, monkeypatch, error, says):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(papermill, "execute_notebook", fail)
    with pytest.raises(ChapterFailed, match=says) as caught:
        chapter("1")
    assert not caught.value.users
    assert "can't write" not in str(caught.value)


@pytest.mark.end_to_end
def test_a_chapters_own_os_error_is_its_own(chapter):
    with pytest.raises(ChapterFailed, match=r"stopped in cell .*PermissionError: \[Errno 13\] Permission denied"):
        chapter("raise PermissionError(13, 'Permission denied', 'elsewhere')")


@pytest.mark.end_to_end
@pytest.mark.parametrize("code", ["import os; os._exit(1)", "import os; os.kill(os.getpid(), 9)"])
def test_a_kernel_that_ends_is_a_dead_kernel(chapter, code):
    with pytest.raises(ChapterFailed, match=DIED):
        chapter(code)
    with kernel_server(os.environ, []) as kernels, pytest.raises(ChapterFailed, match=DIED):
        chapter(code, kernels)


LOGS = """
import logging
for message in ("KeyboardInterrupt caught in kernel.", "KeyboardInterrupt caught in kernel", "Exception in handler"):
    get_ipython().kernel.log.error(message)
"""


@pytest.mark.end_to_end
def test_the_kernels_log_has_errors_but_no_interruptions(chapter, capfd):
    assert chapter(LOGS)["key"] == "key"
    said = capfd.readouterr().err
    assert "Exception in handler" in said
    assert "KeyboardInterrupt" not in said
