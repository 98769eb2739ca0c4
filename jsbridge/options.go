package jsbridge

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// Defaults of ConnectOptions (design §3). The shim bounds by the first how long
// a core may take to close, and by the second the loading of the wasm.
const (
	DefaultDeadlineMs  = 10_000
	DefaultHandshakeMs = 120_000
)

// configure reads the record that a client starts from. The shim has checked
// the types; what is not given is absent.
func configure(start []protocol.Field, probeAction string) (future.Config, peer, *protocol.Error) {
	p, err := resolvePeer(start)
	if err != nil {
		return future.Config{}, p, err
	}
	dialect := protocol.Auto
	if name := protocol.Get(start, protocol.DialectName); name.Kind != protocol.Absent {
		var ok bool
		if dialect, ok = protocol.ParseDialect(name.Str); !ok {
			return future.Config{}, p, protocol.Invalid(protocol.DialectName, "is not one of the dialects")
		}
	}
	capabilities, _ := protocol.Texts(start, protocol.Capabilities)
	cfg := future.Config{
		ProbeAction:   probeAction,
		RoomID:        protocol.Get(start, protocol.RoomID),
		UserID:        protocol.Get(start, protocol.StartUserID).Str,
		HomeserverURL: protocol.Get(start, protocol.HomeserverURL).Str,
		TokenPath:     protocol.Get(start, protocol.StartTokenPath).Str,
		Seed:          number(start, protocol.StartSeed, 0),
		Session: session.Config{
			Dialect: dialect, WidgetID: p.widgetID, HostKnown: p.origin != "", Capabilities: capabilities,
			ManualContentLoaded: protocol.Get(start, protocol.StartManual).Kind == protocol.True,
			DeadlineMs:          number(start, protocol.DeadlineMs, DefaultDeadlineMs),
			HandshakeMs:         number(start, protocol.StartHandshakeMs, DefaultHandshakeMs),
			MaxInFlight:         inFlight(number(start, protocol.StartMaxInFlight, 0)),
			Eager:               protocol.Get(start, protocol.StartCompat).Kind == protocol.True,
		},
	}
	if cfg.TokenPath != "" && !protocol.ValidTokenPath(cfg.TokenPath) {
		err = protocol.Invalid(protocol.StartTokenPath, "must start with / and hold {token} once")
	}
	return cfg, p, err
}

func number(start []protocol.Field, path protocol.Path, otherwise float64) float64 {
	if v := protocol.Get(start, path); v.Kind == protocol.Number {
		return v.Num
	}
	return otherwise
}

// inFlight is a number of requests. What no int holds each compiler makes
// another one of, and TinyGo's have 32 bits: a page may mean "any number".
func inFlight(n float64) int { return int(max(0, min(n, 1<<20))) }
