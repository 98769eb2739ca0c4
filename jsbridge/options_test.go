package jsbridge

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/wirejson"
)

// start reads a record as the shim writes it.
func start(t *testing.T, record string) []protocol.Field {
	t.Helper()
	codec := wirejson.New("x-")
	page, err := codec.Decode(protocol.Page, []byte(record))
	if err != nil {
		t.Fatal(err)
	}
	more, _ := codec.Decode(protocol.Start, []byte(record))
	return append(page, more...)
}

func TestHostIsFoundByTheOptionsElseByThePagesSurroundings(t *testing.T) {
	for _, test := range []struct{ name, record, origin, widget string }{
		{"options win", `{"widgetId":"o","urlWidgetId":"u","hostOrigin":"https://o","ancestorOrigin":"https://a"}`, "https://o", "o"},
		{"the ancestor before the rest", `{"urlWidgetId":"u","ancestorOrigin":"https://a","parentOrigin":"https://p"}`, "https://a", "u"},
		{"parentUrl before the referrer", `{"parentOrigin":"https://p","referrerOrigin":"https://r"}`, "https://p", ""},
		{"the referrer last", `{"referrerOrigin":"https://r"}`, "https://r", ""},
		{"a nameless origin is unknown", `{"ancestorOrigin":"null","parentOrigin":"null","referrerOrigin":"https://r"}`, "https://r", ""},
		{"nothing known", `{}`, "", ""},
		{"any origin", `{"hostOrigin":"*","ancestorOrigin":"https://a"}`, "*", ""},
		{"a top-level page is its own peer", `{"urlWidgetId":"u","topLevel":true,"origin":"https://own","referrerOrigin":"https://r"}`, "https://own", "u"},
	} {
		cfg, p, err := configure(start(t, test.record), "probe")
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if p.origin != test.origin || cfg.Session.WidgetID.Str != test.widget || cfg.Session.HostKnown != (test.origin != "") {
			t.Errorf("%s: %+v", test.name, p)
		}
	}
}

func TestTopLevelPageWithoutWidgetIDIsNotEmbedded(t *testing.T) {
	_, _, err := configure(start(t, `{"topLevel":true,"origin":"https://own"}`), "probe")
	if err == nil || err.Code != protocol.CodeNotEmbedded || err.Hint == "" {
		t.Fatalf("%v", err)
	}
}

func TestOptionsBecomeTheCoresConfigurationWithItsDefaults(t *testing.T) {
	cfg, _, err := configure(start(t, `{"hostOrigin":"https://o"}`), "probe")
	if err != nil || cfg.Session.Dialect != protocol.Auto || cfg.Session.DeadlineMs != 10000 || cfg.Session.HandshakeMs != 120000 ||
		cfg.Session.MaxInFlight != 0 || cfg.Session.ManualContentLoaded || cfg.ProbeAction != "probe" {
		t.Fatalf("%+v %v", cfg, err)
	}
	cfg, _, err = configure(start(t, `{"dialect":"futures","roomId":"!r","userId":"@u:hs","homeserverUrl":"https://hs","tokenPath":"/x/{token}",
		"capabilities":["a","b"],"manualContentLoaded":true,"deadlineMs":1,"handshakeTimeoutMs":2,"maxInFlight":3,"seed":0.25}`), "probe")
	if err != nil || cfg.Session.Dialect != protocol.Futures || cfg.RoomID.Str != "!r" || cfg.UserID != "@u:hs" || cfg.HomeserverURL != "https://hs" ||
		cfg.TokenPath != "/x/{token}" || len(cfg.Session.Capabilities) != 2 || !cfg.Session.ManualContentLoaded ||
		cfg.Session.DeadlineMs != 1 || cfg.Session.HandshakeMs != 2 || cfg.Session.MaxInFlight != 3 ||
		cfg.Seed != 0.25 {
		t.Fatalf("%+v %v", cfg, err)
	}
}

func TestAnyFiniteNumberMayBeInFlight(t *testing.T) {
	for record, want := range map[string]int{
		`{"maxInFlight":0.5}`: 0, `{"maxInFlight":-1e300}`: 0, `{"maxInFlight":2.5}`: 2,
		`{"maxInFlight":2147483647}`: 1 << 20, `{"maxInFlight":9007199254740991}`: 1 << 20, `{"maxInFlight":1e300}`: 1 << 20,
	} {
		if cfg, _, err := configure(start(t, record), "probe"); err != nil || cfg.Session.MaxInFlight != want {
			t.Errorf("%s: %d %v", record, cfg.Session.MaxInFlight, err)
		}
	}
}

func TestOptionsThatCannotBeMeantAreInvalid(t *testing.T) {
	for record, naming := range map[string]string{
		`{"dialect":"klingon"}`:             "dialect",
		`{"tokenPath":"x/{token}"}`:         "tokenPath",
		`{"tokenPath":"/x"}`:                "tokenPath",
		`{"tokenPath":"/{token}/{token}"}`:  "tokenPath",
		`{"tokenPath":"/x?token={token}"}`:  "tokenPath",
		`{"tokenPath":"/x#{token}"}`:        "tokenPath",
		`{"tokenPath":"https://x/{token}"}`: "tokenPath",
	} {
		if _, _, err := configure(start(t, record), "probe"); err == nil || err.Code != protocol.CodeInvalid || err.Message[:len(naming)] != naming {
			t.Errorf("%s: %v", record, err)
		}
	}
}
