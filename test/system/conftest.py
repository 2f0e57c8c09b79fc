import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import harness  # noqa: E402


@pytest.fixture
def sandbox():
    one = harness.Sandbox()
    yield one
    assert one.stop() == 0, '\n'.join(one.lines)


@pytest.fixture
def serve(tmp_path, sandbox):
    """Start daemons on the sandbox: serve(actions=TEXT, …); each is stopped and its log checked at the end."""
    started = []

    def start(actions=harness.ACTIONS, folder=None, env=None, args=(), sites=None, config_actions='actions.yaml',
              config=None, files=(), **more):
        where = folder or tmp_path
        for name, text in {'actions.yaml': actions, **dict(files)}.items():
            (where / name).write_text(text)
        config = config or harness.config_of(sites or sandbox, actions=config_actions, **more)
        daemon = harness.Daemon(where, config, env=env, args=args)
        started.append(daemon)
        return daemon

    yield start
    for daemon in started:
        daemon.end()


@pytest.fixture
def daemons(tmp_path):
    """Start daemons in the test's folder, again and again on the same store: daemons(CONFIGURATION, *expected words)."""
    started = []

    def start(config, *expected):
        started.append(harness.Daemon(tmp_path, config))
        started[-1].expect(*expected)
        return started[-1]

    yield start
    for daemon in started:
        daemon.end()


@pytest.fixture
def clock(tmp_path):
    folder = tmp_path / 'clock'
    folder.mkdir()
    return harness.Clock(folder)


@pytest.fixture
def alone(tmp_path, sandbox):
    """A daemon of one's own that looks after pull requests: alone(…) with options of the configuration."""
    made = []

    def start(**config):
        made.append(harness.Pulls(tmp_path, sandbox, **config))
        return made[-1]

    yield start
    for one in made:
        one.end()
