package sim

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// Core takes the inputs of a page's client.
type Core interface {
	Open(now session.Now)
	Receive(now session.Now, message []protocol.Field)
	Call(now session.Now, kind future.CallKind, call int32, args []protocol.Field)
	Abort(now session.Now, call int32)
	Tick(now session.Now)
	HTTPDone(now session.Now, serial int32, status int, body []protocol.Field)
	Page(now session.Now, event future.PageEvent)
	Close(now session.Now)
}

// direct is a client that takes its inputs itself.
func direct(cfg future.Config) (Core, *future.Client) {
	client := future.New(cfg)
	return client, client
}
