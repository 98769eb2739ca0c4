package homeserver

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// exchange is one line of the recording: a request with its answer, or one event of the room as it stood in the end.
type exchange struct {
	Method   string         `json:"method"`
	Path     string         `json:"path"`
	Auth     bool           `json:"auth"`
	Body     any            `json:"body"`
	Status   int            `json:"status"`
	Response map[string]any `json:"response"`

	TimelineEvent map[string]any `json:"timeline_event"`
}

func readRecording(t *testing.T) (exchanges []exchange, timeline []map[string]any) {
	t.Helper()
	file, err := os.Open("testdata/synapse-1.160.0-delayed-events-http.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line exchange
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if line.TimelineEvent != nil {
			timeline = append(timeline, line.TimelineEvent)
		} else {
			exchanges = append(exchanges, line)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return exchanges, timeline
}

// substitutes learns our ids for the recorded ones.
type substitutes map[string]string

func (s substitutes) learn(recorded, ours any) {
	was, ok1 := recorded.(string)
	is, ok2 := ours.(string)
	if ok1 && ok2 && was != is {
		s[was] = is
		s[strings.NewReplacer("!", "%21", ":", "%3A").Replace(was)] = strings.NewReplacer("!", "%21", ":", "%3A").Replace(is)
	}
}

func (s substitutes) in(text string) string {
	for was, is := range s {
		text = strings.ReplaceAll(text, was, is)
	}
	return text
}

// keys names every member of an object, nested ones with their path. Which room versions exist is the server's own matter, and so is
// what an event's content has in it: that is compared as a whole.
func keys(value any, path string) []string {
	object, ok := value.(map[string]any)
	if !ok || path == "capabilities.m.room_versions.available" || strings.HasSuffix(path, "content") {
		return nil
	}
	var names []string
	for name, member := range object {
		full := strings.TrimPrefix(path+"."+name, ".")
		names = append(append(names, full), keys(member, full)...)
	}
	slices.Sort(names)
	return names
}

func TestTheRecordingOfSynapseReplaysWithTheSameAnswers(t *testing.T) {
	clock := newFakeClock()
	w := &world{t: t, clock: clock, server: New(Options{ServerName: "hs.test", NoLegacyFutures: true, Clock: clock})}
	t.Cleanup(w.server.Close)
	alice, bob := w.register("alice"), w.register("bob")
	exchanges, timeline := readRecording(t)
	if len(exchanges) != 39 || len(timeline) != 10 {
		t.Fatalf("the recording has %d exchanges and %d events", len(exchanges), len(timeline))
	}

	ids := substitutes{}
	for i, line := range exchanges {
		clock.advance(10 * time.Millisecond) // so that running_since orders as it did
		if i > 0 && line.Method == "GET" && exchanges[i-1].Method == "GET" && exchanges[i-1].Path == line.Path {
			clock.advance(2 * time.Second) // read twice in a row: the recorder waited for the timer in between
		}
		as := Account{}
		if line.Auth {
			as = alice
		}
		name := fmt.Sprintf("line %d: %s %s", i+1, line.Method, line.Path)
		recorder := w.do(line.Method, ids.in(line.Path), as, line.Body)
		var answer map[string]any
		if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s: %v in %s", name, err, recorder.Body)
		}
		if recorder.Code != line.Status {
			t.Errorf("%s: status %d, recorded %d: %s", name, recorder.Code, line.Status, recorder.Body)
		}
		if line.Status != 200 && (answer["errcode"] != line.Response["errcode"] || answer["error"] != line.Response["error"]) {
			t.Errorf("%s: error %v, recorded %v", name, answer, line.Response)
		}
		if have, want := keys(answer, ""), keys(line.Response, ""); !slices.Equal(have, want) {
			t.Errorf("%s: keys %v, recorded %v", name, have, want)
		}
		for _, id := range []string{"room_id", "delay_id"} {
			ids.learn(line.Response[id], answer[id])
		}
		if strings.Contains(line.Path, "/state/") && line.Method == "GET" && !reflect.DeepEqual(answer, line.Response) {
			t.Errorf("%s: state %v, recorded %v", name, answer, line.Response)
		}
		if strings.HasSuffix(line.Path, "/createRoom") {
			// not in the recorded exchanges, but bob's join is in the recorded room
			w.ok("POST", "/_matrix/client/v3/join/"+answer["room_id"].(string), bob, map[string]any{})
			w.room = answer["room_id"].(string)
		}
		compareDelayedLists(t, name, ids, answer, line.Response)
	}
	compareTimelines(t, ids, w.ok("GET", w.roomPath("messages?dir=b"), alice, nil)["chunk"].([]any), timeline)
}

func compareDelayedLists(t *testing.T, name string, ids substitutes, answer, recorded map[string]any) {
	t.Helper()
	want, ok := recorded["delayed_events"].([]any)
	if !ok {
		return
	}
	have, _ := answer["delayed_events"].([]any)
	if len(have) != len(want) {
		t.Fatalf("%s: %d delayed events, recorded %d", name, len(have), len(want))
	}
	for i := range want {
		have, want := have[i].(map[string]any), maps.Clone(want[i].(map[string]any))
		if _, isNumber := have["running_since"].(float64); !isNumber {
			t.Errorf("%s: running_since is %v", name, have["running_since"])
		}
		want["running_since"] = have["running_since"]
		for _, id := range []string{"delay_id", "room_id"} {
			want[id] = ids.in(want[id].(string))
		}
		if !reflect.DeepEqual(have, want) {
			t.Errorf("%s: item %d is %v, recorded %v", name, i, have, want)
		}
	}
}

func compareTimelines(t *testing.T, ids substitutes, have []any, want []map[string]any) {
	t.Helper()
	if len(have) != len(want) {
		t.Fatalf("the page has %d events, recorded %d", len(have), len(want))
	}
	for i, want := range want {
		have := have[i].(map[string]any)
		if have["type"] != want["type"] || !reflect.DeepEqual(have["content"], want["content"]) {
			t.Errorf("event %d is %v %v, recorded %v %v", i, have["type"], have["content"], want["type"], want["content"])
		}
		haveUnsigned, wantUnsigned := have["unsigned"].(map[string]any), want["unsigned"].(map[string]any)
		if haveKeys, wantKeys := keys(haveUnsigned, ""), keys(wantUnsigned, ""); !slices.Equal(haveKeys, wantKeys) {
			t.Errorf("event %d (%v) has unsigned %v, recorded %v", i, want["type"], haveKeys, wantKeys)
		}
		if was, ok := wantUnsigned[fieldDelayID].(string); ok && haveUnsigned[fieldDelayID] != ids.in(was) {
			t.Errorf("event %d came from %v, recorded %v", i, haveUnsigned[fieldDelayID], was)
		}
	}
}
