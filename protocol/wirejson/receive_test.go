package wirejson

import (
	"strings"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// receive reads a message of the host as JSON text.
func receive(t *testing.T, c *Codec, text string) []protocol.Field {
	t.Helper()
	// By way of Decode's own reading of JSON: a toWidget message is an object.
	fields := decode(t, c, protocol.Page, `{"data":`+text+`}`)
	message, ok := c.values[protocol.Get(fields, protocol.Payload).ID].(map[string]any)
	if !ok {
		t.Fatalf("not an object: %s", text)
	}
	return c.Receive(message)
}

// heard lists what a message tells of, an event a line.
func heard(fields []protocol.Field) string {
	var b strings.Builder
	last := protocol.NoPath
	for _, f := range fields {
		if f.Path < protocol.HeardType || f.Path > protocol.HeardEventID {
			continue
		}
		switch {
		case last == protocol.NoPath:
		case f.Path <= last:
			b.WriteString(" | ")
		default:
			b.WriteByte(' ')
		}
		last = f.Path
		if f.Kind == protocol.Text {
			b.WriteString(f.Str)
		} else {
			b.WriteByte('?')
		}
	}
	return b.String()
}

const told = `{"sender":"@u:x","content":{"type":"no"},"event_id":"$e","state_key":"","room_id":"!r","type":"t"}`

func TestEventsAreHeardOnlyWhileTheyAreWatched(t *testing.T) {
	const one = `{"api":"toWidget","action":"send_event","data":` + told + `}`
	c := New("me-")
	if got := heard(receive(t, c, one)); got != "" {
		t.Fatalf("heard %q", got)
	}
	c.Watching = true
	for text, want := range map[string]string{
		one: "t  !r @u:x $e",
		`{"action":"update_state","data":{"state":[` + told + `,{"type":"u","event_id":5},"x",null,[],{}]}}`: "t  !r @u:x $e | u ?",
		`{"action":"update_state","data":{"state":[]}}`:                                                      "",
		`{"action":"update_state","data":{"state":[` + told + `],"type":"outer"}}`:                           "t  !r @u:x $e",
		`{"action":"x","data":{"state":"s","type":"t"}}`:                                                     "t",
		`{"action":"x","data":[` + told + `]}`:                                                               "",
		`{"action":"x"}`:                                                                                     "",
		`{"action":"send_event","data":` + told + `,"response":{}}`:                                          "", // our own request, answered
		`{"action":"send_event","data":` + told + `,"response":false}`:                                       "",
	} {
		if got := heard(receive(t, c, text)); got != want {
			t.Errorf("%s: heard %q, want %q", text, got, want)
		}
	}
	c.Watching = false
	if got := heard(receive(t, c, one)); got != "" {
		t.Fatalf("heard %q when nobody watches any more", got)
	}
}

func TestWhatIsHeardStandsBehindTheMessageWhichIsReadAsEver(t *testing.T) {
	c := New("me-")
	const text = `{"api":"toWidget","widgetId":"w","requestId":"h","action":"send_event","data":` + told + `}`
	plain := receive(t, c, text)
	c.Watching = true
	watched := receive(t, c, text)
	if len(watched) != len(plain)+5 {
		t.Fatalf("read %v, then %v", plain, watched)
	}
	for i := range plain {
		if watched[i].Path != plain[i].Path || watched[i].Str != plain[i].Str {
			t.Errorf("%v was read as %v", plain[i], watched[i])
		}
	}
}

func TestIdOfAnEventIsReadWhileItIsComparedAndForwardedElse(t *testing.T) {
	c := New("me-")
	const text = `{"action":"send_event","response":{"event_id":"$e","room_id":"!r"}}`
	for _, watching := range []bool{false, true, false} {
		c.Watching = watching
		got := protocol.Get(receive(t, c, text), protocol.RespEventID)
		if watching && got != protocol.Str("$e") || !watching && got.Kind != protocol.Kept {
			t.Errorf("watching %v: read %v", watching, got)
		}
		built, err := c.Build([]protocol.Field{got.At(protocol.EventID)})
		if err != nil || built["eventId"] != "$e" {
			t.Errorf("watching %v: written as %v, %v", watching, built, err)
		}
	}
}

func TestLeaveContentCrossesBesideTheContent(t *testing.T) {
	c := New("me-")
	args := decode(t, c, protocol.Page, `{"content":{"a":1},"leaveContent":{"b":2,"redacts":null}}`)
	content, leave := protocol.Get(args, protocol.Content), protocol.Get(args, protocol.LeaveContent)
	if content.Kind != protocol.Opaque || leave.Kind != protocol.Opaque || content.ID == leave.ID {
		t.Fatalf("read %v and %v", content, leave)
	}
	if protocol.Get(args, protocol.LeaveContentRedacts).Kind != protocol.True || protocol.Get(args, protocol.ContentRedacts).Kind != protocol.Absent {
		t.Fatal("redacts was seen in the wrong content")
	}
	built, err := c.Build([]protocol.Field{leave.At(protocol.DataContent)})
	if err != nil || built["data"].(map[string]any)["content"].(map[string]any)["b"] != 2.0 {
		t.Fatalf("written as %v, %v", built, err)
	}
	for _, text := range []string{`{"leaveContent":"x"}`, `{"leaveContent":null}`, `{"leaveContent":5}`, `{}`} {
		if v := protocol.Get(decode(t, c, protocol.Page, text), protocol.LeaveContent); v.Kind == protocol.Opaque {
			t.Errorf("%s: read %v", text, v)
		}
	}
}
