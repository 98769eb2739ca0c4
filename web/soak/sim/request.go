package sim

import (
	"fmt"
	"strings"

	"github.com/widget-futures/widget-futures/protocol"
)

// request is a message of the page on its way, and what became of it.
type request struct {
	page    *page
	serial  int32
	http    bool // a POST of the page's own
	beacon  bool
	action  string
	typ     string
	key     string
	content int32
	delay   float64
	delayAt protocol.Path // where the duration stands; NoPath: none
	id      string        // delay id, or token
	verb    string
	list    []string

	at, mono, wall float64
	keeper         *keeper         // that it is for, nil if none
	future         *serverFuture   // that it is a verb of
	byPage         bool            // the page called for it
	made           []*serverFuture // a schedule: one for each time it was carried out
	reached        float64         // when the server did the verb
	alive          bool            // the future, then
	written        int             // events of it in the room
	equal          int             // times that it was there already
	known          bool            // its answer named an event that the page knew
	became         *roomEvent      // that it was last
	answers        int             // delivered to the page
	ended          float64         // monotonic, of the first of them
	endedAt        float64         // the same in true time
	denied         bool            // the first of them said that nothing was done
	refused        *refusal        // the last answer, if it was a homeserver's refusal
	unsure         bool            // the last answer leaves open whether it took effect
	givenUp        bool            // its call ended before its answer came
	givenUpAt      float64         // monotonic
	orphanTold     bool
}

// parse reads a post as a host does.
func (r *request) parse(fields []protocol.Field) {
	for _, f := range fields {
		switch f.Path {
		case protocol.RequestID:
			r.serial = f.ID
		case protocol.Action:
			r.action = f.Str
		case protocol.DataType:
			r.typ = f.Str
		case protocol.DataStateKey:
			r.key = f.Str
		case protocol.DataContent:
			r.content = f.ID
		case protocol.DataDelay, protocol.DataTimeout, protocol.DataFutureTimeout:
			r.delay, r.delayAt = f.Num, f.Path
		case protocol.DataGroupID, protocol.DataFutureGroupID:
			if r.delayAt == protocol.NoPath {
				r.delayAt = f.Path
			}
		case protocol.DataDelayID:
			r.id = f.Str
		case protocol.DataAction:
			r.verb = f.Str
		case protocol.DataCapabilities:
			if f.Kind == protocol.Text {
				r.list = append(r.list, f.Str)
			}
		}
	}
}

// event reports whether the request sends an event now.
func (r *request) event() bool {
	return r.action == protocol.ActSendEvent.String() && r.delayAt == protocol.NoPath
}

// schedules reports whether the request asks for a future.
func (r *request) schedules() bool {
	return r.action == protocol.ActSendEvent.String() && r.delayAt != protocol.NoPath
}

// update reports whether the request is a verb, the probe's excepted.
func (r *request) update() bool { return r.verb != "" && r.id != "" }

func (r *request) String() string {
	w := r.page.w
	switch {
	case r.beacon:
		return "beacon " + r.verb + " " + r.id
	case r.http:
		return fmt.Sprintf("POST %s #%d", r.id, r.serial)
	case r.schedules():
		return fmt.Sprintf("schedule #%d %s in %gms", r.serial, w.describe(r.content), r.delay)
	case r.event():
		return fmt.Sprintf("send_event #%d %s", r.serial, w.describe(r.content))
	case r.verb != "" && r.id == "":
		return fmt.Sprintf("probe #%d %s", r.serial, strings.TrimPrefix(r.action, "org.matrix.msc4157."))
	case r.verb != "":
		return fmt.Sprintf("%s #%d %s", r.verb, r.serial, r.id)
	}
	return fmt.Sprintf("%s #%d", r.action, r.serial)
}

// describe names a content.
func (w *world) describe(handle int32) string {
	if handle <= 0 || int(handle) >= len(w.contents) {
		return fmt.Sprintf("{%d}", handle)
	}
	c := &w.contents[handle]
	switch {
	case c.of == nil:
		return fmt.Sprintf("plain-%d", handle)
	case c.leave:
		return fmt.Sprintf("leave of hold %d.%d", c.life, c.of.call)
	}
	return fmt.Sprintf("state %d of hold %d.%d", c.version, c.life, c.of.call)
}
