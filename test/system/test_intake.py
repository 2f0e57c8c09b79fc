"""What the door takes and what it refuses: keys, bodies, limits, slow and odd senders."""
import gzip
import json
import socket
import time

import pytest

from harness import HOOK_KEY, delivery, request


def raw(daemon, data, read=True, timeout=30):
    """Bytes in, bytes out, on one connection."""
    host, port = daemon.url.removeprefix('http://').split(':')
    with socket.create_connection((host, int(port)), timeout=timeout) as s:
        s.sendall(data)
        got = b''
        while read:
            piece = s.recv(65536)
            if not piece:
                break
            got += piece
        return got


def post_bytes(body, *headers, version='1.1'):
    lines = [f'POST /bugzilla_webhook HTTP/{version}', 'Host: x', f'X-Api-Key: {HOOK_KEY}', *headers, '', '']
    return '\r\n'.join(lines).encode() + body


def private(number):
    return delivery({'id': number, 'is_private': True})


def as_bytes(of):
    return json.dumps(of).encode()


@pytest.mark.parametrize('headers, expect', [
    ({}, 401),
    ({'X-Api-Key': ''}, 401),
    ({'X-Api-Key': 'wrong'}, 401),
    ({'X-Api-Key': HOOK_KEY + 'x'}, 401),
    ({'X-Api-Key': HOOK_KEY[:-1]}, 401),
    ({'X-Api-Key': 'schlüssel'.encode()}, 401),
    ({'X-Api-Key': b'\xff\xfe\x80'}, 401),
    ({'Authorization': 'Basic bm9ib2R5Ondyb25n'}, 401),
    ({'Authorization': 'Basic !!!'}, 401),
    ({'Authorization': 'Basic '}, 401),
    ({'X-Api-Key': HOOK_KEY}, 200),
    ({'Authorization': 'Basic OnBsYW50ZWQtaG9vay1rZXktN2YzYQ=='}, 200),  # ":KEY"
])
def test_keys(serve, headers, expect):
    daemon = serve()
    daemon.expect('delivery refused')
    answer = request('POST', daemon.url + '/bugzilla_webhook', private(1), headers)
    assert answer.status == expect
    if expect == 401:
        assert answer.json['detail'] == 'Incorrect API Key'
        assert answer.headers['WWW-Authenticate'].startswith('Basic')
        assert daemon.get('/api/v1/events').json['events'] == []
    else:
        assert isinstance(answer.json['id'], int)


def test_no_body_is_read_before_the_key_is_right(serve):
    daemon = serve()
    daemon.expect('delivery refused')
    got = raw(daemon, b'POST /bugzilla_webhook HTTP/1.1\r\nHost: x\r\nX-Api-Key: no\r\nContent-Length: 1000000\r\n\r\n')
    assert got.startswith(b'HTTP/1.1 401')


@pytest.mark.parametrize('path, expect', [
    ('/hooks/bugzilla', 200), ('/bugzilla_webhook', 200), ('/bugzilla_webhook/', 200), ('/hooks/jira', 401),
    ('/hooks/nobody', 404), ('/hooks/', 404), ('/hooks', 404), ('/elsewhere', 404)])
def test_paths(serve, path, expect):
    daemon = serve()
    if expect == 401:  # it would take webhooks, had it a key or a secret
        daemon.expect('delivery refused')
    assert daemon.post(private(1), path=path).status == expect


def test_methods(serve):
    daemon = serve()
    assert request('GET', daemon.url + '/bugzilla_webhook').status == 405
    assert request('DELETE', daemon.url + '/hooks/bugzilla').status == 405
    assert request('POST', daemon.url + '/__lbheartbeat__', b'').status == 405


UNDECODABLE = {
    'empty': b'',
    'not JSON': b'hello',
    'half': b'{"bug":',
    'a list': b'[1,2]',
    'a text': b'"bug"',
    'null': b'null',
    'no event': b'{"bug":{"id":1},"webhook_id":1,"webhook_name":"x"}',
    'bug without id': as_bytes({**private(1), 'bug': {'is_private': True}}),
    'id is a word': as_bytes({**private(1), 'bug': {'id': 'one'}}),
    'id has a fraction': as_bytes({**private(1), 'bug': {'id': 1.5}}),
    'time is a number': as_bytes({**private(1), 'event': {'action': 'create', 'time': 5}}),
    'invalid UTF-8': b'{"bug":{"id":1,"summary":"\xff\xfe"}}',
    'NUL bytes': b'{"bug":\x00{"id":1}}',
    'a nesting bomb': b'[' * 100000 + b']' * 100000,
    'a bomb of objects': b'{"a":' * 50000 + b'1' + b'}' * 50000,
    'a form': b'payload=%7B%7D',
}


@pytest.mark.parametrize('name', UNDECODABLE)
def test_what_cannot_be_decoded_is_an_event_as_well(serve, name):
    daemon = serve()
    answer = daemon.post(UNDECODABLE[name])
    assert answer.status == 200
    row = daemon.verdict(answer.json['id'])
    assert row['verdict'] == 'discarded'
    assert row['reason'].startswith('undecodable: ')
    assert row['kind'] == 'undecodable'


@pytest.mark.parametrize('changed', [
    {'bug': {'id': '7', 'is_private': 'yes'}}, {'bug': {'id': 7.0, 'is_private': 1}},
    {'webhook_id': '1'}, {'bug': {'id': 7, 'is_private': True, 'summary': 7}}, {'bug': {'id': 7, 'is_private': True, 'unknown': {'deep': [1, 2]}}}])
def test_leniency_of_types(serve, changed):
    daemon = serve()
    row = daemon.deliver({**private(7), **changed})
    assert (row['verdict'], row['subject']) == ('discarded', 'bugzilla:7')
    assert row['reason'] == 'private bugs are not supported'


def test_body_limit(serve):
    daemon = serve()
    over = b' ' * (25 * 1024 * 1024 + 1)
    assert daemon.post(over).status == 413
    at = as_bytes(private(3))
    at += b' ' * (25 * 1024 * 1024 - len(at))
    assert daemon.post(at).status == 200
    assert daemon.deliver(private(4))['verdict'] == 'discarded'


def test_body_limit_is_configured(serve):
    daemon = serve(server='body_limit: 1KiB')
    assert daemon.post(b' ' * 1025).status == 413
    assert raw(daemon, post_bytes(b'401\r\n' + b' ' * 0x401 + b'\r\n0\r\n\r\n', 'Transfer-Encoding: chunked',
                                  'Connection: close')).startswith(b'HTTP/1.1 413')
    assert daemon.post(gzip.compress(b' ' * 100000), **{'Content-Encoding': 'gzip'}).status == 413


def test_chunked(serve):
    daemon = serve()
    body = as_bytes(private(5))
    chunks = b''.join(b'%x\r\n%s\r\n' % (1, body[i:i + 1]) for i in range(len(body))) + b'0\r\n\r\n'
    got = raw(daemon, post_bytes(chunks, 'Transfer-Encoding: chunked', 'Connection: close'))
    assert got.startswith(b'HTTP/1.1 200'), got
    assert daemon.verdict(json.loads(got.split(b'\r\n\r\n')[1])['id'])['subject'] == 'bugzilla:5'


def test_gzip(serve):
    daemon = serve()
    answer = daemon.post(gzip.compress(as_bytes(private(6))), **{'Content-Encoding': 'gzip'})
    assert answer.status == 200
    assert daemon.verdict(answer.json['id'])['subject'] == 'bugzilla:6'


def test_expect_continue(serve):
    daemon = serve()
    body = as_bytes(private(8))
    host, port = daemon.url.removeprefix('http://').split(':')
    with socket.create_connection((host, int(port)), timeout=30) as s:
        s.sendall(post_bytes(b'', 'Expect: 100-continue', f'Content-Length: {len(body)}', 'Connection: close'))
        assert s.recv(1000).startswith(b'HTTP/1.1 100')
        s.sendall(body)
        got = b''
        while piece := s.recv(65536):
            got += piece
    assert got.startswith(b'HTTP/1.1 200')


def test_pipelining_keeps_the_order(serve):
    daemon = serve()
    bodies = [as_bytes(private(100 + i)) for i in range(20)]
    data = b''.join(post_bytes(b, f'Content-Length: {len(b)}', *(['Connection: close'] if i == 19 else []))
                    for i, b in enumerate(bodies))
    got = raw(daemon, data)
    assert got.count(b'HTTP/1.1 200') == 20
    ids = [json.loads(part.split(b'HTTP/1.1')[0])['id'] for part in got.split(b'\r\n\r\n')[1:]]
    assert ids == sorted(ids)
    assert [daemon.explain(i)['event']['subject'] for i in ids] == [f'bugzilla:{100 + i}' for i in range(20)]


def test_http_1_0_and_close(serve):
    daemon = serve()
    body = as_bytes(private(9))
    assert raw(daemon, post_bytes(body, f'Content-Length: {len(body)}', version='1.0')).startswith(b'HTTP/1.')
    got = raw(daemon, post_bytes(body, f'Content-Length: {len(body)}', 'Connection: close'))
    assert got.startswith(b'HTTP/1.1 200') and b'connection: close' in got.lower()


def test_headers_are_bounded(serve):
    daemon = serve()
    got = raw(daemon, b'GET / HTTP/1.1\r\nHost: x\r\nX-Long: ' + b'a' * 70000 + b'\r\n\r\n')
    assert got.startswith(b'HTTP/1.1 431'), got[:100]
    assert daemon.deliver(private(10))['verdict'] == 'discarded'


def test_garbage_harms_nobody(serve):
    daemon = serve(server='request_timeout: 1s')
    for junk in (b'\x16\x03\x01\x02\x00\x01\x00', b'GET\r\n\r\n', b'\r\n' * 50, b'GET / HTTP/9.9\r\n\r\n'):
        host, port = daemon.url.removeprefix('http://').split(':')
        with socket.create_connection((host, int(port)), timeout=30) as s:
            s.sendall(junk)
            s.shutdown(socket.SHUT_WR)
            while s.recv(65536):
                pass
    assert daemon.deliver(private(11))['verdict'] == 'discarded'


def test_the_same_delivery_is_one_event(serve):
    daemon = serve()
    one = private(12)
    first = daemon.post(one).json
    again = daemon.post({key: one[key] for key in reversed(one)}).json  # other bytes, the same delivery
    other = daemon.post({**one, 'webhook_id': 2}).json
    assert again == {'id': first['id'], 'duplicate': True}
    assert other['id'] != first['id']
    assert len(daemon.get('/api/v1/events').json['events']) == 2
    daemon.stop()
    daemon = serve(folder=daemon.folder)
    assert daemon.post(one).json == {'id': first['id'], 'duplicate': True}


def test_two_events_of_one_second_are_two(serve):
    daemon = serve()
    when = '2026-11-20T10:00:00'
    ids = {daemon.send(delivery({'id': 13, 'is_private': True}, 'modify', at=when,
                                changes=[{'field': 'priority', 'removed': a, 'added': b}])) for a, b in
           (('P1', 'P2'), ('P2', 'P3'), ('P3', 'P4'))}
    assert len(ids) == 3


def test_request_ids(serve):
    daemon = serve()
    given = daemon.post(private(14), **{'X-Request-Id': 'abc-123'}).json['id']
    made = daemon.post(private(15)).json['id']
    assert daemon.verdict(given)['request_id'] == 'abc-123'
    assert len(daemon.verdict(made)['request_id']) == 36
    assert any(row.get('rid') == 'abc-123' for row in daemon.log())


@pytest.mark.parametrize('n', [128, 256, 512])
def test_many_connections_at_once(serve, n):
    daemon = serve()
    host, port = daemon.url.removeprefix('http://').split(':')
    open_ones = [socket.create_connection((host, int(port)), timeout=30) for _ in range(n)]
    for turn in range(2):
        for i, s in enumerate(open_ones):
            body = as_bytes(private(1000 * (turn + 1) + i))
            s.sendall(post_bytes(body, f'Content-Length: {len(body)}'))
        for s in open_ones:
            assert s.recv(65536).startswith(b'HTTP/1.1 200')
    for s in open_ones:
        s.close()


def test_a_slow_sender_is_cut_and_stops_nobody(serve):
    daemon = serve(server='request_timeout: 1s')
    host, port = daemon.url.removeprefix('http://').split(':')
    began = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=30) as s:
        s.sendall(b'POST /bugzilla_webhook HTTP/1.1\r\nHost: x\r\n')
        assert daemon.deliver(private(16))['verdict'] == 'discarded'
        try:
            while s.recv(1000):
                pass
        except ConnectionResetError:
            pass
    assert time.monotonic() - began < 20
