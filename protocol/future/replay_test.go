package future

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/wirejson"
)

const transcripts = "testdata/transcripts"

// recording is what was recorded between a real host and a hand-written widget
// (wire.md §8), and a host that answers as that one did.
type recording struct {
	name    string
	opening []line               // what the host posted until the widget's first call
	intents []message            // what the widget asked for then
	pushed  []message            // what the host posted by itself at the end
	answers map[string][]message // responses by action and data, in order
	replies map[any]message      // what the widget answered, by the host's request id
	actions map[string]bool      // that the widget asked for
	empty   map[string]message   // response to an update with an empty delay_id, by action
	unknown string               // the refusal of an unknown action, its name left out
	lender  *recording           // of the same host, for what was not asked here
}

// line is a message of the host: a request, or the answer to an action.
type line struct {
	answer bool
	msg    message
}

// lenders: the recordings with names of other generations did not probe.
var lenders = map[string]string{
	"widget-api-1.19.0-contentloaded-seed": "widget-api-1.19.0-contentloaded",
}

// hole stands for an action's name in a refusal.
const hole = "\x00"

func readRecording(t testing.TB, name string) *recording {
	t.Helper()
	rows, err := wirejson.ReadTranscript(filepath.Join(transcripts, name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	r := &recording{
		name: name, answers: map[string][]message{}, replies: map[any]message{},
		actions: map[string]bool{}, empty: map[string]message{},
	}
	if lender, ok := lenders[name]; ok {
		r.lender = readRecording(t, lender)
	}
	for _, row := range rows {
		if row.K != "wire" {
			continue
		}
		var m message
		if err := json.Unmarshal(row.Msg, &m); err != nil {
			t.Fatal(err)
		}
		r.add(row.Dir == "host>widget", m)
	}
	return r
}

func (r *recording) add(fromHost bool, m message) {
	action := m["action"].(string)
	response, answered := m["response"].(message)
	switch {
	case fromHost && answered:
		if len(r.intents) == 0 {
			r.opening = append(r.opening, line{true, m})
		}
		r.answers[canon(m)] = append(r.answers[canon(m)], response)
		r.note(action, m["data"].(message), response)
	case fromHost && len(r.intents) == 0:
		r.opening = append(r.opening, line{false, m})
	case fromHost:
		r.pushed = append(r.pushed, m)
	case answered:
		r.replies[m["requestId"]] = m
	default:
		r.actions[action] = true
		if action != "supported_api_versions" && action != "content_loaded" {
			r.intents = append(r.intents, m)
		}
	}
}

// note keeps what answers a probe.
func (r *recording) note(action string, data, response message) {
	if data["delay_id"] == "" {
		r.empty[action] = response
	}
	if e, ok := response["error"].(message); ok {
		text := e["message"].(string)
		// no host knows these: the first was made up, the second never shipped
		if action == "no.such.action" || action == "send_future" {
			r.unknown = strings.ReplaceAll(text, action, hole)
		}
	}
}

// answer is what the recorded host answers to a request; nil when nothing of
// the kind was recorded.
func (r *recording) answer(m message) message {
	action, data := m["action"].(string), m["data"].(message)
	keys := []string{canon(m)}
	if data["room_id"] == room {
		// The recorded host's user viewed this room: it took it for the default.
		keys = append(keys, canon(with(m, "data", with(data, "room_id", nil))))
	}
	for _, key := range keys {
		if list := r.answers[key]; len(list) > 0 {
			if len(list) > 1 { // in order; the last one stays
				r.answers[key] = list[1:]
			}
			return list[0]
		}
	}
	if data["delay_id"] == "" {
		for _, source := range []*recording{r, r.lender} {
			if source != nil && source.empty[action] != nil {
				return source.empty[action]
			}
		}
	}
	if r.actions[action] || r.lender != nil && r.lender.actions[action] {
		return nil
	}
	return refusing(strings.ReplaceAll(r.unknown, hole, action))
}

// canon is the action and data of a request, whatever the order of its members.
func canon(m message) string { return m["action"].(string) + " " + compact(m["data"]) }

func compact(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

// futureMembers are the members that any generation takes for a future, and
// what a page of ours calls them.
var futureMembers = map[string]string{
	"delay": "timeoutMs", "timeout": "timeoutMs", "future_timeout": "timeoutMs",
	"group_id": "groupId", "future_group_id": "groupId",
}

// intent is what a page does that wants what the recorded widget asked for.
func intent(m message, saved map[string]message) (CallKind, message) {
	action, data := m["action"].(string), m["data"].(message)
	raw := message{"action": action, "data": data}
	switch action {
	case protocol.ActUpdateDelayed.String(), protocol.ActUpdateDelayedDotted.String():
		kinds := map[any]CallKind{"restart": RefreshFuture, "cancel": CancelFuture, "send": SendFutureNow}
		kind, ok := kinds[data["action"]]
		if !ok {
			return Request, raw
		}
		id := data["delay_id"].(string)
		if f, ok := saved[id]; ok {
			return kind, f
		}
		dialect := protocol.Delayed
		if action == protocol.ActUpdateDelayedDotted.String() {
			dialect = protocol.DelayedDotted
		}
		return kind, message{"dialect": dialect.String(), "delayId": id}
	case protocol.ActSendEvent.String():
		kind, args := SendEvent, message{}
		for wire, page := range map[string]string{
			"type": "type", "content": "content", "state_key": "stateKey",
			"room_id": "roomId", "sticky_duration_ms": "stickyDurationMs",
		} {
			if v, ok := data[wire]; ok {
				args[page] = v
			}
		}
		for wire, page := range futureMembers {
			if v, ok := data[wire]; ok {
				kind, args[page] = SendFuture, v
			}
		}
		if _, parent := data["parent_delay_id"]; parent {
			return Request, raw // our calls have no words for it
		}
		if _, state := args["stateKey"]; kind == SendFuture && !state {
			args["allowUnencrypted"] = true
		}
		return kind, args
	}
	return Request, raw
}
