package jsbridge

import "github.com/widget-futures/widget-futures/protocol"

// peer is whom the page talks to.
type peer struct {
	widgetID protocol.Value // Absent: adopted from the first host request
	origin   string         // "": pinned from the first accepted message; "*": any
}

// unknownOrigin is how browsers write an origin that has no name (sandboxed
// frames, file URLs). It is anybody's, so it identifies nobody.
const unknownOrigin = "null"

// resolvePeer finds the host by the options, else by what the page knows of its
// surroundings (design §3).
func resolvePeer(start []protocol.Field) (peer, *protocol.Error) {
	p := peer{widgetID: protocol.Get(start, protocol.StartWidgetID)}
	if !p.widgetID.Set() {
		p.widgetID = protocol.Get(start, protocol.StartURLWidgetID)
	}
	sources := []protocol.Path{
		protocol.StartHostOrigin, protocol.StartAncestorOrigin,
		protocol.StartParentOrigin, protocol.StartReferrerOrigin,
	}
	if protocol.Get(start, protocol.StartTopLevel).Kind == protocol.True {
		// The web views of mobile clients: the page is its own host's window.
		if !p.widgetID.Set() {
			return p, &protocol.Error{
				Code: protocol.CodeNotEmbedded, Message: "the page is not embedded in a Matrix client",
				Hint: "open it as a widget; in a client's own web view widgetId must be in the URL",
			}
		}
		sources = []protocol.Path{protocol.StartHostOrigin, protocol.StartOrigin}
	}
	for _, source := range sources {
		if v := protocol.Get(start, source); p.origin == "" && v.Str != unknownOrigin {
			p.origin = v.Str
		}
	}
	return p, nil
}
