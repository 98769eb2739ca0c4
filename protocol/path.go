package protocol

// Path is a place in a message or in a record of the page.
type Path int32

// Mode says how the border reads a value that arrives at a path.
type Mode uint8

const (
	// Written only: the border never reads it.
	Written Mode = iota
	// Recurring text crosses once and then by its number.
	Recurring
	// Single text crosses each time.
	Single
	// Forwarded values stay outside; Go gets their kind and a handle.
	Forwarded
	// Seen only: Go learns that the member is there.
	Seen
	// Listed is a list of texts.
	Listed
	// Numbered is a request id: ours cross as [Serial].
	Numbered
	// Branch is forwarded, and what the table names inside it is read too.
	Branch
	// Second is a Branch that a call brings beside its content.
	Second
	// Watched text is forwarded, but read while a hold compares it.
	Watched
)

// Side says which of the two kinds of record a path belongs to.
type Side uint8

const (
	// Wire paths are places in a Widget API message.
	Wire Side = iota
	// HTTP paths are places in a homeserver's answer to a token request.
	HTTP
	// Page paths are members of the page's own records: arguments of calls,
	// results, errors, event details.
	Page
	// Start paths are members of the record that a client starts from, beside
	// the Page paths there: options, and what the page knows of its host.
	Start
	// Heard paths are members of a room event that the host tells of. They are
	// read only while a hold watches its state; a message may hold several.
	Heard

	sideCount
)

// Sides is how many sides there are.
const Sides = int(sideCount)

// The paths. Their order is the table's below.
const (
	NoPath Path = iota

	API
	WidgetID
	RequestID
	Action
	Data
	Response

	DataType
	DataStateKey
	DataContent
	DataRoomID
	DataSticky
	DataTimeout
	DataGroupID
	DataFutureTimeout
	DataFutureGroupID
	DataDelay
	DataDelayID
	DataAction
	DataCapabilities
	DataRequested
	DataApproved

	RespRoomID
	RespEventID
	RespDelayID
	RespGroupID
	RespFutureGroupID
	RespSendToken
	RespCancelToken
	RespRefreshToken
	RespVersions
	RespCapabilities
	RespError
	RespErrorMessage
	RespMatrix
	RespMatrixStatus
	RespMatrixRetryAfter
	RespMatrixBody
	RespMatrixErrcode
	RespMatrixProse
	RespMatrixUnstableErrcode
	RespMatrixRetryAfterMs
	RespMatrixMaxDelay
	RespMatrixUnstableMaxDelay

	HTTPBody
	HTTPErrcode
	HTTPError
	HTTPRetryAfterMs

	Type
	StateKey
	RoomID
	Content
	ContentRedacts
	ContentMsgtype
	TimeoutMs
	GroupID
	StickyDurationMs
	AllowUnencrypted
	DelayID
	SendToken
	CancelToken
	RefreshToken
	DialectName
	Ended
	ActionName
	Payload
	PayloadDelay
	PayloadTimeout
	PayloadGroupID
	PayloadFutureTimeout
	PayloadFutureGroupID
	PayloadParentDelayID
	PayloadParentFutureID
	Capabilities
	DeadlineMs
	EveryMs
	AttemptDeadlineMs
	Overlap
	RefreshMs
	LeaveContent
	LeaveContentRedacts
	LeaveOnPageHide
	WithoutFuture
	HoldCall

	StartWidgetID
	StartHostOrigin
	HomeserverURL
	StartTokenPath
	StartManual
	StartHandshakeMs
	StartMaxInFlight
	StartTopLevel
	StartOrigin
	StartAncestorOrigin
	StartParentOrigin
	StartReferrerOrigin
	StartURLWidgetID
	StartSeed
	StartCompat

	HeardType
	HeardStateKey
	HeardRoomID
	HeardSender
	HeardEventID

	EventID
	ExpiresAt
	URL
	Status
	ErrorCode
	Message
	Hint
	Errcode
	HTTPStatus
	RetryAfterMs
	MaxDelayMs
	Body
	Missing

	pathCount
)

// PathInfo is a row of the path table.
type PathInfo struct {
	Name string // members from the root, joined by "/"
	Side Side
	Mode Mode
}

const inMatrix = "response/error/matrix_api_error"

var paths = [pathCount]PathInfo{
	API:       {"api", Wire, Recurring},
	WidgetID:  {"widgetId", Wire, Recurring},
	RequestID: {"requestId", Wire, Numbered},
	Action:    {"action", Wire, Recurring},
	Data:      {"data", Wire, Branch},
	Response:  {"response", Wire, Branch},

	DataType:          {"data/type", Wire, Written},
	DataStateKey:      {"data/state_key", Wire, Written},
	DataContent:       {"data/content", Wire, Written},
	DataRoomID:        {"data/room_id", Wire, Written},
	DataSticky:        {"data/sticky_duration_ms", Wire, Written},
	DataTimeout:       {"data/timeout", Wire, Written},
	DataGroupID:       {"data/group_id", Wire, Written},
	DataFutureTimeout: {"data/future_timeout", Wire, Written},
	DataFutureGroupID: {"data/future_group_id", Wire, Written},
	DataDelay:         {"data/delay", Wire, Written},
	DataDelayID:       {"data/delay_id", Wire, Written},
	DataAction:        {"data/action", Wire, Written},
	DataCapabilities:  {"data/capabilities", Wire, Written},
	DataRequested:     {"data/requested", Wire, Listed},
	DataApproved:      {"data/approved", Wire, Listed},

	RespRoomID:                 {"response/room_id", Wire, Watched},
	RespEventID:                {"response/event_id", Wire, Watched},
	RespDelayID:                {"response/delay_id", Wire, Single},
	RespGroupID:                {"response/group_id", Wire, Single},
	RespFutureGroupID:          {"response/future_group_id", Wire, Single},
	RespSendToken:              {"response/send_token", Wire, Single},
	RespCancelToken:            {"response/cancel_token", Wire, Single},
	RespRefreshToken:           {"response/refresh_token", Wire, Single},
	RespVersions:               {"response/supported_versions", Wire, Listed},
	RespCapabilities:           {"response/capabilities", Wire, Written},
	RespError:                  {"response/error", Wire, Branch},
	RespErrorMessage:           {"response/error/message", Wire, Single},
	RespMatrix:                 {inMatrix, Wire, Branch},
	RespMatrixStatus:           {inMatrix + "/http_status", Wire, Forwarded},
	RespMatrixRetryAfter:       {inMatrix + "/http_headers/retry-after", Wire, Single},
	RespMatrixBody:             {inMatrix + "/response", Wire, Branch},
	RespMatrixErrcode:          {inMatrix + "/response/errcode", Wire, Single},
	RespMatrixProse:            {inMatrix + "/response/error", Wire, Single},
	RespMatrixUnstableErrcode:  {inMatrix + "/response/org.matrix.msc4140.errcode", Wire, Single},
	RespMatrixRetryAfterMs:     {inMatrix + "/response/retry_after_ms", Wire, Forwarded},
	RespMatrixMaxDelay:         {inMatrix + "/response/max_delay", Wire, Forwarded},
	RespMatrixUnstableMaxDelay: {inMatrix + "/response/org.matrix.msc4140.max_delay", Wire, Forwarded},

	HTTPBody:         {"body", HTTP, Branch},
	HTTPErrcode:      {"body/errcode", HTTP, Single},
	HTTPError:        {"body/error", HTTP, Single},
	HTTPRetryAfterMs: {"body/retry_after_ms", HTTP, Forwarded},

	Type:                  {"type", Page, Recurring},
	StateKey:              {"stateKey", Page, Recurring},
	RoomID:                {"roomId", Page, Recurring},
	Content:               {"content", Page, Branch},
	ContentRedacts:        {"content/redacts", Page, Seen},
	ContentMsgtype:        {"content/msgtype", Page, Recurring},
	TimeoutMs:             {"timeoutMs", Page, Forwarded},
	GroupID:               {"groupId", Page, Single},
	StickyDurationMs:      {"stickyDurationMs", Page, Forwarded},
	AllowUnencrypted:      {"allowUnencrypted", Page, Forwarded},
	DelayID:               {"delayId", Page, Single},
	SendToken:             {"sendToken", Page, Single},
	CancelToken:           {"cancelToken", Page, Single},
	RefreshToken:          {"refreshToken", Page, Single},
	DialectName:           {"dialect", Page, Recurring},
	Ended:                 {"ended", Page, Forwarded},
	ActionName:            {"action", Page, Recurring},
	Payload:               {"data", Page, Branch},
	PayloadDelay:          {"data/delay", Page, Seen},
	PayloadTimeout:        {"data/timeout", Page, Seen},
	PayloadGroupID:        {"data/group_id", Page, Seen},
	PayloadFutureTimeout:  {"data/future_timeout", Page, Seen},
	PayloadFutureGroupID:  {"data/future_group_id", Page, Seen},
	PayloadParentDelayID:  {"data/parent_delay_id", Page, Seen},
	PayloadParentFutureID: {"data/parent_future_id", Page, Seen},
	Capabilities:          {"capabilities", Page, Listed},
	DeadlineMs:            {"deadlineMs", Page, Forwarded},
	EveryMs:               {"everyMs", Page, Forwarded},
	AttemptDeadlineMs:     {"attemptDeadlineMs", Page, Forwarded},
	Overlap:               {"overlap", Page, Forwarded},
	RefreshMs:             {"refreshMs", Page, Forwarded},
	LeaveContent:          {"leaveContent", Page, Second},
	LeaveContentRedacts:   {"leaveContent/redacts", Page, Seen},
	LeaveOnPageHide:       {"leaveOnPageHide", Page, Forwarded},
	WithoutFuture:         {"withoutFuture", Page, Forwarded},
	HoldCall:              {"hold", Page, Forwarded},

	StartWidgetID:       {"widgetId", Start, Recurring},
	StartHostOrigin:     {"hostOrigin", Start, Single},
	HomeserverURL:       {"homeserverUrl", Start, Single},
	StartTokenPath:      {"tokenPath", Start, Single},
	StartManual:         {"manualContentLoaded", Start, Forwarded},
	StartHandshakeMs:    {"handshakeTimeoutMs", Start, Forwarded},
	StartMaxInFlight:    {"maxInFlight", Start, Forwarded},
	StartTopLevel:       {"topLevel", Start, Forwarded},
	StartOrigin:         {"origin", Start, Single},
	StartAncestorOrigin: {"ancestorOrigin", Start, Single},
	StartParentOrigin:   {"parentOrigin", Start, Single},
	StartReferrerOrigin: {"referrerOrigin", Start, Single},
	StartURLWidgetID:    {"urlWidgetId", Start, Recurring},
	StartSeed:           {"seed", Start, Forwarded},
	StartCompat:         {"compat", Start, Forwarded},

	HeardType:     {"type", Heard, Single},
	HeardStateKey: {"state_key", Heard, Single},
	HeardRoomID:   {"room_id", Heard, Single},
	HeardSender:   {"sender", Heard, Single},
	HeardEventID:  {"event_id", Heard, Single},

	EventID:      {"eventId", Page, Written},
	ExpiresAt:    {"expiresAt", Page, Forwarded},
	URL:          {"url", Page, Written},
	Status:       {"status", Page, Written},
	ErrorCode:    {"code", Page, Written},
	Message:      {"message", Page, Written},
	Hint:         {"hint", Page, Written},
	Errcode:      {"errcode", Page, Written},
	HTTPStatus:   {"httpStatus", Page, Written},
	RetryAfterMs: {"retryAfterMs", Page, Written},
	MaxDelayMs:   {"maxDelayMs", Page, Written},
	Body:         {"body", Page, Written},
	Missing:      {"missing", Page, Written},
}

// Paths returns the path table, indexed by [Path]; row 0 is empty.
func Paths() []PathInfo { return paths[:] }

// String returns the path's members joined by dots, as errors name it.
func (p Path) String() string {
	b := []byte(paths[p].Name)
	for i, c := range b {
		if c == '/' {
			b[i] = '.'
		}
	}
	return string(b)
}
