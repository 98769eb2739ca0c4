package protocol

import (
	"encoding/json"
	"os"
	"testing"
)

// The shim builds capabilities before any wasm is there, so the rule stands in
// two languages; both are held to the same vectors (web/test/unit/capability.test.mjs).
func TestCapabilitiesAreBuiltAsTheSharedVectorsSay(t *testing.T) {
	text, err := os.ReadFile("testdata/capabilities.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Make string
		Args []string
		Want string
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		arg := func(i int) *string {
			if i < len(v.Args) {
				return &v.Args[i]
			}
			return nil
		}
		event := func(prefix string) string {
			msgtype := ""
			if arg(1) != nil {
				msgtype = *arg(1)
			}
			return EventCapability(prefix, *arg(0), msgtype)
		}
		var got string
		switch v.Make {
		case "sendEvent":
			got = event(CapSendEvent)
		case "receiveEvent":
			got = event(CapReceiveEvent)
		case "sendState":
			got = StateCapability(CapSendState, *arg(0), arg(1))
		case "receiveState":
			got = StateCapability(CapReceiveState, *arg(0), arg(1))
		case "timeline":
			got = CapTimeline + *arg(0)
		case "sendDelayed":
			got = CapSendDelayed
		case "updateDelayed":
			got = CapUpdateDelayed
		case "sendSticky":
			got = CapSendSticky
		}
		if got != v.Want {
			t.Errorf("%s%v = %q, want %q", v.Make, v.Args, got, v.Want)
		}
	}
}
