package protocol_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func TestEveryPathHasANameThatItsSideKnowsOnce(t *testing.T) {
	type place struct {
		side protocol.Side
		name string
	}
	seen := map[place]protocol.Path{}
	members := regexp.MustCompile(`^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$`)
	for i, info := range protocol.Paths() {
		if path := protocol.Path(i); path == protocol.NoPath {
			if info.Name != "" {
				t.Errorf("row 0 is %q", info.Name)
			}
			continue
		}
		if !members.MatchString(info.Name) {
			t.Errorf("path %d is %q", i, info.Name)
		}
		at := place{info.Side, info.Name}
		if other, ok := seen[at]; ok {
			t.Errorf("paths %d and %d are both %q", other, i, info.Name)
		}
		seen[at] = protocol.Path(i)
	}
	for at := range seen {
		if i := strings.LastIndex(at.name, "/"); i >= 0 {
			parent, ok := seen[place{at.side, at.name[:i]}]
			if mode := protocol.Paths()[parent].Mode; ok && mode != protocol.Branch && mode != protocol.Second {
				t.Errorf("%s is read inside of a value that is not a branch", at.name)
			}
		}
	}
}

func TestPathsAreNamedInErrorsAsAPageWritesThem(t *testing.T) {
	for path, want := range map[protocol.Path]string{
		protocol.Type: "type", protocol.RespDelayID: "response.delay_id", protocol.NoPath: "",
		protocol.RespMatrixUnstableErrcode: "response.error.matrix_api_error.response.org.matrix.msc4140.errcode",
	} {
		if got := path.String(); got != want {
			t.Errorf("%d is named %q, want %q", path, got, want)
		}
	}
}

func TestEveryWireNameStandsInItsTableOnce(t *testing.T) {
	unique(t, protocol.Names())
	for i, name := range protocol.Names()[1:] {
		n := protocol.Name(i + 1)
		if n.String() != name || n.Value() != (protocol.Value{Kind: protocol.Text, ID: int32(n), Str: name}) {
			t.Errorf("%q is valued %v", name, n.Value())
		}
	}
}

func TestEveryCodeHasAWordOfItsOwn(t *testing.T) {
	unique(t, protocol.Codes())
	want := strings.Fields(`matrix host capability unsupported sent_immediately spent timeout
		invalid busy bad_response not_embedded load version closed internal`)
	if got := strings.Join(protocol.Codes()[1:], " "); got != strings.Join(want, " ") {
		t.Errorf("codes %v", got)
	}
}

func unique(t *testing.T, table []string) {
	t.Helper()
	seen := map[string]int{}
	for i, word := range table {
		if (i == 0) != (word == "") {
			t.Errorf("row %d is %q", i, word)
		}
		if other, ok := seen[word]; ok {
			t.Errorf("rows %d and %d are both %q", other, i, word)
		}
		seen[word] = i
	}
}

func TestPushedEventsAreAcknowledgedAndNothingElse(t *testing.T) {
	for action, want := range map[string]bool{
		"visibility": true, "send_event": true, "send_to_device": true, "update_state": true,
		"theme_change": true, "language_change": true, "widget_config": true,
		"": false, "capabilities": false, "screenshot": false, "openid_credentials": false, "button_clicked": false,
		"close_modal": false, "update_turn_servers": false, "Visibility": false,
	} {
		if protocol.Acknowledged(action) != want {
			t.Errorf("%q: %v", action, !want)
		}
	}
}

func TestDialectsAreFoundByTheirNamesAndByNothingElse(t *testing.T) {
	want := []string{"auto", "none", "futures", "futures-prefixed", "delayed", "delayed-dotted"}
	if got := strings.Join(protocol.DialectNames(), " "); got != strings.Join(want, " ") {
		t.Fatalf("dialects %v", got)
	}
	for i, name := range want {
		d, ok := protocol.ParseDialect(name)
		if !ok || d != protocol.Dialect(i) || d.String() != name {
			t.Errorf("%q is found as %v, %v", name, d, ok)
		}
	}
	for _, name := range []string{"", "Auto", "delayed ", "future"} {
		if d, ok := protocol.ParseDialect(name); ok || d != protocol.None {
			t.Errorf("%q is found as %v, %v", name, d, ok)
		}
	}
}

func TestEachDialectSaysHowAFutureIsAskedForAndManaged(t *testing.T) {
	for i, name := range protocol.DialectNames() {
		d := protocol.Dialect(i)
		row := d.Info()
		if d == protocol.Auto || d == protocol.None {
			if *row != (protocol.DialectInfo{Name: name}) {
				t.Errorf("%s is no dialect but has %+v", name, row)
			}
			continue
		}
		if row.Timeout == protocol.NoPath || !strings.HasPrefix(protocol.Paths()[row.Timeout].Name, "data/") {
			t.Errorf("%s: timeout at %v", name, row.Timeout)
		}
		if d.Tokens() == (row.Update != protocol.NoName) {
			t.Errorf("%s: its verbs go both ways or none", name)
		}
		if d.Tokens() {
			if !protocol.ValidTokenPath(row.TokenPath) || row.Group == protocol.NoPath || d.Asks() != nil {
				t.Errorf("%s: %+v", name, row)
			}
		} else if asks := d.Asks(); len(asks) != 2 || asks[0] != row.Schedule || asks[1] != row.Manage || row.Manage == "" || !row.Unencrypted {
			t.Errorf("%s: %+v asks for %v", name, row, asks)
		}
	}
}

func TestAutoIsTheDialectWhoseCapabilitiesAreApproved(t *testing.T) {
	const send, update, dotted = protocol.CapSendDelayed, protocol.CapUpdateDelayed, protocol.CapUpdateDelayedDotted
	for _, test := range []struct {
		grants []string
		want   protocol.Dialect
	}{
		{nil, protocol.Delayed},
		{[]string{send, update}, protocol.Delayed},
		{[]string{send, update, dotted}, protocol.Delayed},
		{[]string{send, dotted}, protocol.DelayedDotted},
		{[]string{dotted}, protocol.Delayed},
	} {
		g := protocol.NewGrants(test.grants)
		if got := protocol.Auto.Resolve(g); got != test.want {
			t.Errorf("%v: auto is %v", test.grants, got)
		}
		for i := 1; i < len(protocol.DialectNames()); i++ {
			if d := protocol.Dialect(i); d.Resolve(g) != d {
				t.Errorf("%v becomes %v", d, d.Resolve(g))
			}
		}
	}
	if asks := protocol.Auto.Asks(); strings.Join(asks, " ") != send+" "+update+" "+dotted {
		t.Errorf("auto asks for %v", asks)
	}
}

func TestDialectRefusesWhatItCannotSay(t *testing.T) {
	state := protocol.Event{StateKey: protocol.Str("k")}
	for _, test := range []struct {
		name   string
		future protocol.Future
		fits   string // dialects
	}{
		{"state", protocol.Future{Event: state, TimeoutMs: 1}, "futures futures-prefixed delayed delayed-dotted"},
		{"group", protocol.Future{Event: state, TimeoutMs: 1, GroupID: "g"}, "futures futures-prefixed"},
		{"action", protocol.Future{Event: state, GroupID: "g"}, "futures futures-prefixed"},
		{"message", protocol.Future{TimeoutMs: 1}, "futures futures-prefixed"},
		{"unencrypted message", protocol.Future{TimeoutMs: 1, AllowUnencrypted: true}, "futures futures-prefixed delayed delayed-dotted"},
		{"sticky", protocol.Future{Event: protocol.Event{StickyMs: 1}, TimeoutMs: 1, AllowUnencrypted: true}, "delayed"},
	} {
		var fits []string
		for i := 1; i < len(protocol.DialectNames()); i++ {
			if test.future.Fits(protocol.Dialect(i)) == nil {
				fits = append(fits, protocol.Dialect(i).String())
			}
		}
		if got := strings.Join(fits, " "); got != test.fits {
			t.Errorf("%s fits %q, want %q", test.name, got, test.fits)
		}
	}
}
