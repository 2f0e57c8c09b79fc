"""A copy of the store is whole, made beside the daemon, and a daemon starts from it."""
import shutil
import sqlite3
import threading

from harness import bug, delivery


def private(number):
    return delivery({'id': number, 'is_private': True})


def test_backup_under_load_and_restore(serve, sandbox, tmp_path):
    daemon = serve()
    sandbox.put_bug(bug(801))
    made = daemon.deliver(delivery(bug(801)), 'applied')
    stop = threading.Event()
    sent = []

    def load():
        number = 10000
        while not stop.is_set():
            number += 1
            sent.append(daemon.send(private(number)))

    thread = threading.Thread(target=load)
    thread.start()
    try:
        before = len(sent)
        code, out, err = daemon.command('backup', tmp_path / 'copy.db')
        assert code == 0, err
    finally:
        stop.set()
        thread.join()
    assert sqlite3.connect(tmp_path / 'copy.db').execute('pragma integrity_check').fetchone() == ('ok',)
    kept = sent[:before]
    code, out, err = daemon.command('backup', tmp_path / 'copy.db')
    assert code == 1 and 'exists already' in err
    assert not (tmp_path / 'copy.db.part').exists()
    assert daemon.stop() == 0
    code, out, err = daemon.command('backup', tmp_path / 'cold.db')  # without a daemon
    assert code == 0, err

    restored = tmp_path / 'restored'
    restored.mkdir()
    shutil.copy(tmp_path / 'copy.db', restored / 'lockstep.db')
    daemon = serve(folder=restored)
    assert daemon.explain(made['id'])['event']['verdict'] == 'applied'
    for event in kept:
        assert daemon.verdict(event)['verdict'] == 'discarded'
    # What was done before is known: nothing is done twice.
    row = daemon.deliver(delivery(bug(801), 'modify'), 'unchanged', 'applied')
    assert row['verdict'] == 'unchanged'
    assert len([one for one in sandbox.issues() if one['fields']['summary'] == 'Summary of 801']) == 1


def test_backup_refusals(serve, tmp_path):
    daemon = serve()
    assert daemon.command('backup')[0] == 2
    code, out, err = daemon.command('backup', tmp_path / 'nowhere' / 'copy.db')
    assert code == 1 and 'nowhere' in err, err
