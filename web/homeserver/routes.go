package homeserver

import (
	"net/http"
	"net/url"
	"strings"
)

// login says whether a route wants an access token.
type login int

const (
	noLogin login = iota
	optionalLogin
	needsLogin
)

// route is one line of the table: a handler runs under the server's lock and returns the answer; a stream writes for itself.
type route struct {
	method string
	bases  []string
	path   string // {name} takes one segment; only {key} may be empty
	login  login
	handle func(*Server, *request) (any, error)
	stream func(*Server, http.ResponseWriter, *request)
}

const (
	clientBase  = "/_matrix/client"
	msc4140Base = clientBase + "/unstable/org.matrix.msc4140"
	ownBase     = clientBase + "/unstable/widget_futures" // what no spec has: the streams for pages
)

var (
	clientBases = []string{clientBase + "/v3", clientBase + "/r0"}
	// The draft of June 2024 moved from v3 to v1 within a day; its unstable form has the MSC's prefix.
	futureBases  = []string{clientBase + "/v3", clientBase + "/v1", msc4140Base}
	delayedBases = []string{msc4140Base}
)

// alwaysRoutes are there whatever the options: Synapse keeps the delayed_events paths even when scheduling is off.
var alwaysRoutes = []route{
	{method: "GET", bases: []string{clientBase}, path: "versions", handle: (*Server).getVersions},
	{method: "POST", bases: clientBases, path: "register", handle: (*Server).postRegister},
	{method: "GET", bases: clientBases, path: "capabilities", login: needsLogin, handle: (*Server).getCapabilities},

	{method: "POST", bases: clientBases, path: "createRoom", login: needsLogin, handle: (*Server).postCreateRoom},
	{method: "POST", bases: clientBases, path: "join/{room}", login: needsLogin, handle: (*Server).postJoin},
	{method: "POST", bases: clientBases, path: "rooms/{room}/join", login: needsLogin, handle: (*Server).postJoin},

	{method: "PUT", bases: clientBases, path: "rooms/{room}/send/{type}/{txn}", login: needsLogin, handle: (*Server).putSend},
	{method: "PUT", bases: clientBases, path: "rooms/{room}/state/{type}", login: needsLogin, handle: (*Server).putState},
	{method: "PUT", bases: clientBases, path: "rooms/{room}/state/{type}/{key}", login: needsLogin, handle: (*Server).putState},
	{method: "GET", bases: clientBases, path: "rooms/{room}/state", login: needsLogin, handle: (*Server).getState},
	{method: "GET", bases: clientBases, path: "rooms/{room}/state/{type}", login: needsLogin, handle: (*Server).getStateEvent},
	{method: "GET", bases: clientBases, path: "rooms/{room}/state/{type}/{key}", login: needsLogin, handle: (*Server).getStateEvent},
	{method: "GET", bases: clientBases, path: "rooms/{room}/messages", login: needsLogin, handle: (*Server).getMessages},
	{method: "GET", bases: []string{ownBase}, path: "rooms/{room}/stream", login: needsLogin, stream: (*Server).streamRoom},
	{method: "GET", bases: []string{ownBase}, path: "scheduled/stream", login: needsLogin, stream: (*Server).streamLife},

	{method: "GET", bases: delayedBases, path: "delayed_events", login: needsLogin, handle: (*Server).getDelayedEvents},
	{method: "POST", bases: delayedBases, path: "delayed_events/{delay_id}", handle: (*Server).postDelayedEvent},
	{method: "POST", bases: delayedBases, path: "delayed_events/{delay_id}/{action}", handle: (*Server).postDelayedEventAction},
}

var futureRoutes = []route{
	{method: "PUT", bases: futureBases, path: "rooms/{room}/send_future/{type}/{txn}", login: needsLogin, handle: (*Server).putSendFuture},
	{method: "PUT", bases: futureBases, path: "rooms/{room}/state_future/{type}", login: needsLogin, handle: (*Server).putStateFuture},
	{method: "PUT", bases: futureBases, path: "rooms/{room}/state_future/{type}/{key}", login: needsLogin, handle: (*Server).putStateFuture},
	{method: "POST", bases: futureBases, path: "future/{token}", handle: (*Server).postFuture},
	{method: "GET", bases: futureBases, path: "future", login: needsLogin, handle: (*Server).getFutures},
}

func routesFor(options Options) []route {
	if options.NoLegacyFutures {
		return alwaysRoutes
	}
	return append(append([]route{}, alwaysRoutes...), futureRoutes...)
}

// match finds the route of a request. A path that only other methods know is 405, any other 404, both M_UNRECOGNIZED.
func match(routes []route, method, escapedPath string) (route, map[string]string, error) {
	failure := errUnrecognized
	for _, route := range routes {
		for _, base := range route.bases {
			rest, ok := strings.CutPrefix(escapedPath, base+"/")
			if !ok {
				continue
			}
			params, ok := matchPath(route.path, rest)
			if !ok {
				continue
			}
			// A HEAD is a GET whose answer has no body (net/http leaves it out); a stream has nothing else.
			if method == route.method || method == http.MethodHead && route.method == http.MethodGet && route.stream == nil {
				return route, params, nil
			}
			failure = errWrongMethod
		}
	}
	return route{}, nil, failure
}

// matchPath compares segment by segment, unescaping after the split: a state key may hold an escaped slash.
func matchPath(pattern, escaped string) (map[string]string, bool) {
	want, have := strings.Split(pattern, "/"), strings.Split(escaped, "/")
	if len(want) != len(have) {
		return nil, false
	}
	params := map[string]string{}
	for i, segment := range want {
		value, err := url.PathUnescape(have[i])
		if err != nil {
			return nil, false
		}
		name, ok := strings.CutPrefix(segment, "{")
		if !ok {
			if value != segment {
				return nil, false
			}
			continue
		}
		name = strings.TrimSuffix(name, "}")
		if value == "" && name != "key" {
			return nil, false
		}
		params[name] = value
	}
	return params, true
}
