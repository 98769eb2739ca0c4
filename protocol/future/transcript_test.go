package future

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// updateGolden rewrites the golden conversations. Inspect the diff; commit it only if
// you understand it.
var updateGolden = flag.Bool("update", false, "rewrite testdata/transcripts/*.golden")

// replays lists which dialect speaks with which recorded host, and what of
// scheduling comes of it.
var replays = []struct {
	name      string
	dialect   protocol.Dialect
	roomless  bool // the page names no room but where the recorded widget did
	scheduled int  // futures
	immediate int  // futures the host sent at once
}{
	{"widget-api-1.6.0-contentloaded", protocol.Auto, false, 0, 0},
	{"widget-api-1.7.0-contentloaded", protocol.Auto, false, 0, 0},
	{"widget-api-1.8.1-contentloaded", protocol.Auto, false, 0, 0}, // approves both spellings, knows the older
	{"widget-api-1.8.2-contentloaded", protocol.Auto, false, 4, 0},
	{"widget-api-1.17.0-contentloaded", protocol.Auto, false, 4, 0},
	{"widget-api-1.19.0-contentloaded", protocol.Auto, false, 4, 0},
	{"widget-api-1.19.0-iframeload", protocol.Auto, false, 4, 0},
	{"widget-api-1.19.0-contentloaded-denied", protocol.Auto, false, 0, 0},
	{"widget-api-1.19.0-contentloaded-seed", protocol.Auto, false, 3, 0},
	{"widget-api-branch-d0f024d-contentloaded-seed", protocol.Auto, false, 0, 0},

	{"widget-api-branch-d0f024d-contentloaded-seed", protocol.Futures, false, 7, 0},
	{"widget-api-branch-d0f024d-contentloaded-seed", protocol.FuturesPrefixed, false, 0, 1},
	{"widget-api-1.19.0-contentloaded-seed", protocol.Futures, false, 0, 1},
	{"widget-api-1.19.0-contentloaded-seed", protocol.FuturesPrefixed, false, 0, 1},
	{"widget-api-1.6.0-contentloaded", protocol.FuturesPrefixed, false, 0, 1},
	{"widget-api-1.6.0-contentloaded", protocol.Delayed, false, 0, 0},
	{"widget-api-1.7.0-contentloaded", protocol.FuturesPrefixed, false, 4, 0},
	{"widget-api-1.8.1-contentloaded", protocol.DelayedDotted, false, 3, 0},
	{"widget-api-1.19.0-contentloaded", protocol.DelayedDotted, false, 0, 0},
	{"widget-api-1.19.0-contentloaded", protocol.None, false, 0, 0},
	{"widget-api-1.19.0-contentloaded", protocol.Auto, true, 2, 0},
	{"widget-api-branch-d0f024d-contentloaded-seed", protocol.Futures, true, 5, 0},
}

func TestRecordedHostsAreSpokenToAsTheGoldenConversationsSay(t *testing.T) {
	for _, test := range replays {
		name := test.name + "." + test.dialect.String()
		if test.roomless {
			name += ".roomless"
		}
		t.Run(name, func(t *testing.T) {
			r := newReplay(t, test.name, test.dialect, test.roomless)
			r.open()
			for _, m := range r.host.intents {
				r.play(m)
			}
			for _, m := range r.host.pushed {
				r.push(m)
			}
			r.page.close()
			if r.scheduled != test.scheduled || r.immediate != test.immediate {
				t.Errorf("%d futures scheduled, %d sent at once; want %d, %d",
					r.scheduled, r.immediate, test.scheduled, test.immediate)
			}
			golden(t, filepath.Join(transcripts, name+".golden"), r.log.String())
		})
	}
}

func TestEveryRecordingIsReplayedInAuto(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(transcripts, "*.jsonl"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d recordings: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		found := false
		for _, test := range replays {
			found = found || test.name == name && test.dialect == protocol.Auto
		}
		if !found {
			t.Errorf("%s is not replayed in auto", name)
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *updateGolden {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	a, b := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(a), len(b)) {
		x, y := "", ""
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			t.Fatalf("line %d of %s:\n got %s\nwant %s", i+1, path, x, y)
		}
	}
}

// replay is a page of ours before a recorded host.
type replay struct {
	*testing.T
	host    *recording
	dialect protocol.Dialect
	page    *page
	saved   map[string]message // futures by delay id
	log     strings.Builder

	scheduled, immediate int
}

func newReplay(t *testing.T, name string, dialect protocol.Dialect, roomless bool) *replay {
	r := &replay{T: t, host: readRecording(t, name), dialect: dialect, saved: map[string]message{}}
	cfg := Config{Session: session.Config{Dialect: dialect}}
	if !roomless {
		cfg.RoomID = protocol.Str(room)
	}
	cfg.Session.WidgetID = protocol.Str("w1")
	cfg.Session.HostKnown = true
	for _, line := range r.host.opening {
		if line.msg["action"] == "capabilities" {
			cfg.Session.Capabilities = texts(r.host.replies[line.msg["requestId"]]["response"].(message)["capabilities"])
		}
	}
	r.page = newPage(t, cfg)
	r.logf("%s, dialect %s\n\n", name, dialect)
	return r
}

func texts(v any) []string {
	list := []string{}
	for _, s := range v.([]any) {
		list = append(list, s.(string))
	}
	return list
}

func (r *replay) logf(format string, args ...any) { fmt.Fprintf(&r.log, format, args...) }

// open plays the host's side of the handshake as it was recorded: a host that
// begins at the iframe's load event finds a page whose wasm is still loading.
func (r *replay) open() {
	opened := false
	for _, line := range r.host.opening {
		if !opened && line.msg["action"] != "capabilities" {
			r.page.start()
			opened = true
		}
		if line.answer {
			action := line.msg["action"].(string)
			m := r.page.take(action)
			if m == nil {
				r.Fatalf("%s was not posted", action)
			}
			r.respond(m)
		} else {
			r.push(line.msg)
		}
	}
	if r.page.actions() != "" {
		r.Fatalf("posted %q, which the recorded widget did not", r.page.actions())
	}
	if r.page.c.Status() != session.Ready || r.page.ready == nil || !r.page.ready.ok {
		r.Fatal("the negotiation did not end")
	}
	r.logf("ready, dialect %s\n\n", r.page.c.Dialect())
}

// respond answers one of our requests, or does not where nothing was recorded.
func (r *replay) respond(m message) {
	r.logf("    > %s\n", canon(m))
	response := r.host.answer(m)
	if response == nil {
		r.logf("    < no answer was recorded\n")
		return
	}
	r.logf("    < %s\n", compact(response))
	if m["action"] == "send_event" && r.dialect == protocol.Auto {
		for member := range futureMembers {
			if _, future := m["data"].(message)[member]; future && response["event_id"] != nil && response["event_id"] != "" {
				r.Fatalf("posted a future that the host sent at once: %s", canon(m))
			}
		}
	}
	r.page.receive(with(m, "response", response))
}

// play makes the call and lets the host answer until the call has ended.
func (r *replay) play(m message) {
	kind, args := intent(m, r.saved)
	mark, events := r.log.Len(), len(r.page.events)
	wall := r.page.now.Wall
	call := r.page.call(kind, args)
	for len(r.page.posts) > 0 {
		r.respond(r.page.take(r.page.posts[0]["action"].(string)))
	}
	if _, ended := r.page.ended[call]; !ended {
		r.page.pass(10000)
	}
	o, ended := r.page.ended[call]
	if !ended {
		r.Fatalf("%s %v is not settled", CallKinds()[kind], args)
	}
	r.count(kind, o)
	posts := r.log.String()[mark:]
	head := r.log.String()[:mark]
	r.log.Reset()
	r.logf("%s%s %s\n%s    = %s\n", head, CallKinds()[kind], compact(args), posts, verdict(kind, o, wall))
	for _, e := range r.page.events[events:] {
		r.logf("    ! %s\n", e)
	}
}

func (r *replay) count(kind CallKind, o outcome) {
	if kind != SendFuture {
		return
	}
	switch {
	case o.ok:
		r.scheduled++
		if id := o.text("delayId"); id != "" {
			r.saved[id] = o.fields
		}
		if r.immediate > 0 {
			r.Error("a future was asked for after one that went out at once")
		}
	case o.code() == "sent_immediately":
		r.immediate++
	}
}

// verdict is how a call ended, in one line.
func verdict(kind CallKind, o outcome, wall float64) string {
	fields := with(o.fields)
	if at, ok := fields["expiresAt"].(float64); ok {
		fields["expiresAt"] = fmt.Sprintf("+%v", at-wall)
	}
	if o.ok {
		word := map[CallKind]string{SendEvent: "sent", SendFuture: "scheduled", Request: "answered"}[kind]
		if word == "" {
			word = "done"
		}
		return word + " " + compact(fields)
	}
	text := o.code() + ": " + o.text("message")
	for _, name := range []string{"hint", "missing", "errcode", "httpStatus", "eventId", "roomId"} {
		if v, ok := fields[name]; ok {
			text += " | " + name + " " + compact(v)
		}
	}
	return text
}

// push plays a request of the host and compares our answer with the recorded
// widget's.
func (r *replay) push(m message) {
	before := len(r.page.replys)
	r.page.receive(m)
	if len(r.page.replys) != before+1 {
		r.Fatalf("%d answers to %s", len(r.page.replys)-before, canon(m))
	}
	got, want := plain(r.page.replys[before]), r.host.replies[m["requestId"]]
	r.logf("    < %s\n    > %s\n", canon(m), compact(got["response"]))
	if m["action"] == "supported_api_versions" {
		// The recorded widget was another one: it knew fewer.
		versions := texts(got["response"].(message)["supported_versions"])
		for _, v := range texts(want["response"].(message)["supported_versions"]) {
			if !slices.Contains(versions, v) {
				r.Errorf("versions %v, without %s", versions, v)
			}
		}
		got["response"] = want["response"]
	}
	if !reflect.DeepEqual(got, want) {
		r.Errorf("answered\n%v\nthe recorded widget\n%v", got, want)
	}
}
