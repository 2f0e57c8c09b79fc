-- Deliveries of Bugzilla's webhook, for wrk: each one another comment on a bug, with a body of 3 KB.
-- Arguments: how many bugs, and the first comment's id of this run. Reports as one line of JSON.

local before_comment = '{"bug":{"alias":"","assigned_to":"grace@example.org","assigned_to_detail":{"id":9,"login":' ..
  '"grace@example.org","real_name":"Grace Example [:grace]"},"cf_last_resolved":null,"classification":' ..
  '"Client Software","comment":{"body":"'
local words = ': seen with the build of this morning on a machine with two screens, one of them turned.\\n\\n' ..
  '1. open `about:blank` in a new window and a second tab beside it\\n2. drag the *second* tab onto the other ' ..
  'screen, slowly\\n3. let it go over the title bar\\n\\n> does it also happen with one screen?\\n\\nNo, only with ' ..
  'two of them, and only when the scale differs. The log says:\\n\\n```\\nwarning: no surface for drag session\\n' ..
  'assertion failed: mSession, at DragService.cpp:417\\n#0  nsDragService::EndDragSession\\n' ..
  '#1  nsWindow::OnDragLeave\\n#2  g_closure_invoke\\n#3  g_signal_emit_valist\\n```\\n\\nSee ' ..
  '<https://example.org/crash/report>, **the stack is the same** as there. '
local after_comment = '},"component":"Tabbed Browser","creation_time":"2026-11-20T09:00:00","creator":' ..
  '"ada@example.org","creator_detail":{"id":2,"login":"ada@example.org","real_name":"Ada Example"},"flags":[{"id":71,' ..
  '"name":"needinfo","requestee":{"id":9,"login":"grace@example.org","real_name":"Grace Example [:grace]"},' ..
  '"value":"?"}],"id":'
local after_bug = ',"is_private":false,"keywords":["crash","regression"],"last_change_time":"2026-11-20T09:00:00",' ..
  '"operating_system":"Linux","platform":"Desktop","priority":"P2","product":"Browser","qa_contact":"","resolution"' ..
  ':"","see_also":["https://bugzilla.mozilla.org/show_bug.cgi?id=1700001"],"severity":"S3","status":"ASSIGNED",' ..
  '"summary":"Dragging the last tab to another screen closes the window","target_milestone":"---","type":"defect",' ..
  '"url":"","version":"unspecified","whiteboard":"[fxbench][qf:p2]"},"event":{"action":"create","routing_key":' ..
  '"comment.create","target":"comment","time":"'
local after_time = '","user":{"id":3,"login":"grace@example.org","real_name":"Grace Example [:grace]"}},' ..
  '"webhook_id":1,"webhook_name":"lockstep"}'
local BODY_BYTES = 3072

local threads = 0
function setup(thread)
  thread:set('number', threads)
  threads = threads + 1
end

local bugs, id, filler
local headers = {['Content-Type'] = 'application/json', ['X-Api-Key'] = 'bench-key', ['User-Agent'] = 'Bugzilla'}

local function body(time, comment, bug)
  return table.concat({before_comment, comment, filler, '","creation_time":"', time, '","id":', comment,
    ',"is_private":false,"number":', comment % 97 + 1, after_comment, bug, after_bug, time, after_time})
end

function init(args)
  bugs = tonumber(args[1])
  id = tonumber(args[2]) + number * 10000000
  filler = words .. words
  filler = filler .. string.rep('x', BODY_BYTES - #body('2026-11-20T00:00:00', id, 1000000))
end

function request()
  id = id + 1
  local s = id % 86400
  local time = string.format('2026-11-20T%02d:%02d:%02d', math.floor(s / 3600), math.floor(s / 60) % 60, s % 60)
  return wrk.format('POST', nil, headers, body(time, id, 1000000 + id % bugs))
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"us":%d,"p50_us":%d,"p99_us":%d,"max_us":%d,"not_ok":%d,"errors":%d,' ..
    '"timeouts":%d}\n', summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    latency.max, e.status, e.connect + e.read + e.write, e.timeout))
end
