package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// The inputs of a conversation: what a byte of the fuzzer's text stands for.
const (
	doOpen = iota
	doRequest
	doAnswer
	doRecorded
	doCall
	doAbort
	doPass
	doTick
	doPostFailed
	doHTTP
	doClose
	doMutated
	doPage
	doJump
	doTold
	doCount
)

const credentials = "openid_credentials"

type fuzzCall struct {
	kind CallKind
	args message
}

// actionCalls are the typed actions: as they should be, and without an argument.
func actionCalls() (all []fuzzCall) {
	for _, a := range actionCases {
		all = append(all, fuzzCall{a.call(), a.args}, fuzzCall{a.call(), message{"deadlineMs": 40}})
	}
	return all
}

// What hosts and pages may say, the odd among it.
var (
	oddValues = []any{nil, 5.0, "", "x", []any{}, message{}, true, false, -1.0, 1e300, []any{"x", 5.0}, message{"message": "x"}}
	oddPlaces = []string{
		"api", "widgetId", "requestId", "action", "data", "response", "data/approved", "data/requested", "response/error",
		"response/error/message", "response/delay_id", "response/event_id", "response/room_id", "response/send_token",
		"response/supported_versions", "response/error/matrix_api_error",
	}
	hostRequests = []string{
		"capabilities", "notify_capabilities", "supported_api_versions", "update_state", "send_event", "screenshot", "x",
		credentials,
	}
	approvals = [][]string{
		everything, nil,
		{protocol.CapSendDelayed, protocol.CapUpdateDelayed},
		{"x"},
		{protocol.CapSendDelayed, protocol.CapUpdateDelayedDotted, protocol.CapSendState + member, protocol.CapTimeline + "*"},
		append([]string{protocol.CapUpdateDelayedDotted, "x", "y"}, everything...),
	}
	hostAnswers = []any{
		message{"room_id": room, "delay_id": "syd_1"},
		message{"room_id": room, "event_id": "$e"},
		message{},
		message{"event_id": "", "group_id": "g", "send_token": "s", "cancel_token": "c", "refresh_token": "r"},
		message{"room_id": room, "event_id": nil, "delay_id": "d"},
		message{"delay_id": 5, "event_id": "$e"},
		refusing("Invalid request - missing delay_id"), refusing("Unknown or unsupported action: " + updateAction),
		refusing("Unknown or unsupported action: random.action"), refusing("Unknown 17"), refusing("Unknown 18"),
		message{"error": message{"message": "x", "matrix_api_error": message{
			"http_status": 404, "response": message{"errcode": "M_NOT_FOUND", "error": "e"},
		}}},
		message{"supported_versions": hostVersions},
		message{"supported_versions": []string{"0.0.1", protocol.VersionNotify}},
		message{"supported_versions": []string{"0.0.1"}},
		message{"supported_versions": 5},
		"x", 5, true,
		[]int{1},
		relayed(429, message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 150}),
		relayed(403, message{"errcode": "M_FORBIDDEN", "error": "at most 7000"}),
		relayed(400, message{"errcode": "M_MAX_DELAY_EXCEEDED", "max_delay": 10000}),
		relayed(502, message{}), relayed(404, message{"errcode": "M_UNRECOGNIZED"}),
		message{"room_id": room, "event_id": "$f"},
		message{"state": "request"},
		message{"state": "allowed"},
	}
	decisions = []any{"allowed", "blocked", "request", nil}
	calls     = append([]fuzzCall{
		{SendEvent, event},
		{SendEvent, with(event, "deadlineMs", 50)},
		{SendEvent, message{}},
		{SendEvent, with(event, "roomId", "!other")},
		{SendFuture, future(5000)},
		{SendFuture, with(future(1), "deadlineMs", 3000)},
		{SendFuture, with(future(5000), "groupId", "g")},
		{SendFuture, with(future(5000), "timeoutMs", nil, "groupId", "g")},
		{SendFuture, with(future(5000), "stateKey", nil, "allowUnencrypted", true)},
		{SendFuture, with(future(5000), "type", "m.rtc.member", "stateKey", nil, "allowUnencrypted", true, "stickyDurationMs", 1000)},
		{SendFuture, future(-1)},
		{SendFuture, with(future(5000), "content", message{"redacts": nil})},
		{RefreshFuture, delayedFuture},
		{CancelFuture, delayedFuture},
		{SendFutureNow, with(delayedFuture, "dialect", "delayed-dotted")},
		{RefreshFuture, tokenFuture},
		{CancelFuture, with(tokenFuture, "deadlineMs", 20)},
		{SendFutureNow, with(tokenFuture, "sendToken", "..")},
		{RefreshFuture, message{}},
		{CancelFuture, with(delayedFuture, "delayId", 5)},
		{SendFutureNow, with(delayedFuture, "ended", true)},
		{Request, message{"action": "get_openid"}},
		{Request, message{"action": "send_event", "data": message{"delay": nil}}},
		{Request, message{"action": "send_event", "data": message{"type": "t", "content": message{}}}},
		{Request, message{"action": 5}},
		{RequestCapabilities, ask("x")},
		{RequestCapabilities, with(ask("x", "y"), "deadlineMs", 40)},
		{RequestCapabilities, ask("")},
		{ContentLoaded, message{}},
		{ContentLoaded, message{"deadlineMs": "x"}},
		{KeepAlive, delayedFuture},
		{KeepAlive, with(delayedFuture, "expiresAt", 1.7e12+4000, "everyMs", 3000, "overlap", 1)},
		{KeepAlive, with(tokenFuture, "attemptDeadlineMs", 60)},
		{KeepAlive, with(delayedFuture, "overlap", 4)},
		{HoldState, spec("content", message{"hold": 1}, "timeoutMs", 9000)},
		{HoldState, spec("content", message{"hold": 2}, "timeoutMs", 60000, "stateKey", "b", "leaveOnPageHide", false)},
		{HoldState, spec("content", message{"hold": 3}, "stateKey", "c", "withoutFuture", true, "refreshMs", 9000, "deadlineMs", 700)},
		{HoldState, spec("content", 5)},
		{UpdateHold, message{"content": message{"hold": 4}}},
		{UpdateHold, message{"content": message{"hold": 4}, "deadlineMs": 20}},
		{UpdateHold, message{"content": "x"}},
		{ReleaseHold, message{}},
		{ReleaseHold, message{"deadlineMs": 20}},
	}, actionCalls()...)
	heardEvents = []message{
		told(own, "$e"), told(own, "$x"), told(other, "$x"), told(other, "$y", "state_key", "b"), told(own, "$e", "state_key", "c"),
		told(own, "$x", "state_key", "c"), told(other, "$x", "state_key", "c"),
		{},
		{"type": member},
		told(other, "$x", "sender", 5),
	}
	jumped    = []float64{0, 1, 1999, 2001, 5000, 60000, 4e9}
	steps     = []float64{0, 1, 20, 49, 50, 99, 100, 1000, 3000, 700000}
	httpEnds  = []int{200, 0, 404, 410, 429, 502, 204}
	recordeds []message // what recorded hosts said
)

func loadRecorded(f *testing.F) {
	for _, name := range []string{
		"widget-api-1.6.0-contentloaded", "widget-api-1.19.0-contentloaded", "widget-api-1.19.0-contentloaded-denied",
		"widget-api-branch-d0f024d-contentloaded-seed",
	} {
		r := readRecording(f, name)
		for _, l := range r.opening {
			recordeds = append(recordeds, l.msg)
		}
		for _, m := range r.intents {
			if answer := r.answer(m); answer != nil {
				recordeds = append(recordeds, with(m, "response", answer))
			}
		}
		recordeds = append(recordeds, r.pushed...)
	}
}

// scripts are conversations to start from.
var scripts = [][]byte{
	{},
	{doOpen, doPass, 7, doCall, 0},
	// versions, capabilities, approved; a future, its probe told apart, its receipt; the verbs
	{
		doOpen, doAnswer, 1, 12, 0, doRequest, 0, 0, 0, doRequest, 1, 0, 3, doCall, 4, doCall, 4, doAnswer, 1, 6, 1, doAnswer, 1, 8, 1,
		doAnswer, 1, 0, 1, doCall, 12, doAnswer, 1, 2, 1, doCall, 13, doAnswer, 1, 11, 1, doClose,
	},
	// a host that does not tell the probe apart
	{doOpen, doAnswer, 1, 12, 0, doRequest, 1, 0, 3, doCall, 4, doAnswer, 1, 7, 1, doAnswer, 1, 8, 1, doCall, 0, doAnswer, 1, 1, 1},
	// one leg of the probe is silent; one cannot be posted
	{doOpen, doAnswer, 1, 12, 0, doRequest, 1, 0, 3, doCall, 4, doAnswer, 1, 6, 1, doPass, 6, doAnswer, 1, 0, 1},
	{doOpen, doAnswer, 1, 12, 0, doRequest, 1, 0, 3, doCall, 4, doPostFailed, 3, doAnswer, 1, 6, 1, doPass, 6},
	// sent at once, with more behind it
	{doRequest, 0, 0, 0, doOpen, doAnswer, 1, 13, 0, doRequest, 1, 0, 3, doCall, 4, doCall, 4, doCall, 0, doAnswer, 1, 1, 0, doAnswer, 1, 1, 0},
	// tokens
	{doOpen, doRequest, 1, 0, 3, doCall, 15, doCall, 16, doHTTP, 1, 0, doPass, 3, doHTTP, 2, 2, doAbort, 1},
	// renegotiations, given up and answered late
	{doOpen, doAnswer, 1, 12, 0, doRequest, 1, 3, 3, doCall, 26, doCall, 25, doPass, 4, doAnswer, 1, 2, 1, doRequest, 1, 5, 3, doAbort, 2},
	// late receipts
	{doOpen, doAnswer, 1, 12, 0, doRequest, 1, 0, 3, doCall, 4, doPass, 6, doAnswer, 1, 0, 0, doAbort, 1, doPass, 9, doAnswer, 1, 0, 0},
	// a hold: probed, scheduled, in the room, verified; echoed and kicked; released
	{
		doOpen, doAnswer, 1, 12, 0, doRequest, 1, 0, 3, doCall, 34, doAnswer, 1, 6, 1, doAnswer, 1, 8, 1, doAnswer, 1, 0, 1,
		doAnswer, 1, 1, 1, doAnswer, 1, 2, 1, doTold, 0, 0, doTold, 2, 0, doAnswer, 1, 2, 1,
	},
	{
		doOpen, doAnswer, 1, 12, 0, doRequest, 1, 0, 3, doCall, 34, doAnswer, 1, 6, 1, doAnswer, 1, 8, 1, doAnswer, 1, 0, 1,
		doAnswer, 1, 1, 1, doAnswer, 1, 2, 1, doPass, 7, doAnswer, 1, 11, 1, doAnswer, 1, 0, 1, doAnswer, 1, 1, 1, doCall, 38, 1,
		doAnswer, 1, 25, 1, doPage, 0, doPass, 6, doPage, 1, doAnswer, 1, 0, 1, doCall, 41, 1, doAnswer, 1, 11, 1, doClose,
	},
	// a hold by tokens, without a last will, too long, replaced
	{
		doOpen, doRequest, 1, 0, 3, doCall, 34, doAnswer, 1, 3, 1, doAnswer, 1, 1, 1, doHTTP, 1, 0, doPass, 6, doHTTP, 2, 3,
		doAnswer, 1, 3, 1, doJump, 3, 5, 0, doTick, doHTTP, 3, 1, doCall, 34, doPass, 9, doClose, doPass, 6,
	},
	{doOpen, doRequest, 1, 0, 3, doCall, 36, doAnswer, 1, 24, 1, doAnswer, 1, 1, 1, doCall, 39, 1, doCall, 42, 1, doPass, 6},
	{
		doOpen, doAnswer, 1, 12, 0, doRequest, 1, 0, 3, doCall, 35, doAnswer, 1, 6, 1, doAnswer, 1, 8, 1, doAnswer, 1, 21, 1,
		doAnswer, 1, 22, 1, doPass, 6, doAnswer, 1, 0, 0, doAbort, 1, doCall, 30, doCall, 32, doHTTP, 1, 4, doJump, 6, 6, 1, doTick,
	},
	// OpenID tokens: after the user has decided, given up, too late
	{
		doOpen, doAnswer, 1, 12, 0, doRequest, 1, 0, 3, doCall, 51, doAnswer, 1, 26, 1, doRequest, 7, 0, 0, 2, 0, doCall, 52, doAnswer, 1, 26, 1,
		doPass, 3, doCall, 51, doAnswer, 1, 26, 1, doAbort, 3, doRequest, 7, 0, 0, 4, 1, doClose,
	},
	// recorded lines, odd ones among them
	{doOpen, doRecorded, 0, 0, 0, doRecorded, 0, 1, 0, doRecorded, 0, 2, doRecorded, 0, 3, doRecorded, 12, 4, 0, 5, 7, doCall, 28, doTick},
}
