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
	// Args paths are members of what the page passes with one of [Actions].
	Args

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
	DataOriginalRequestID
	DataState
	DataMsgtype
	DataLimit
	DataRoomIDs
	DataSince
	DataEventID
	DataRelType
	DataEventType
	DataFrom
	DataTo
	DataDirection
	DataEncrypted
	DataMessages
	DataURI
	DataName
	DataDescription
	DataValue
	DataURL
	DataButtons
	DataInner
	DataButton
	DataEnabled
	DataFile
	DataContentURI
	DataSearchTerm
	DataServerName
	DataSlotID
	DataMember

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
	RespState
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
	StartUserID
	StartSeed
	StartCompat

	HeardType
	HeardStateKey
	HeardRoomID
	HeardSender
	HeardEventID

	ArgDeadlineMs
	ArgType
	ArgStateKey
	ArgMsgtype
	ArgLimit
	ArgRoomIDs
	ArgSince
	ArgEventID
	ArgRoomID
	ArgRelType
	ArgEventType
	ArgFrom
	ArgTo
	ArgDirection
	ArgEncrypted
	ArgContent
	ArgMore
	ArgURI
	ArgName
	ArgDescription
	ArgValue
	ArgURL
	ArgButtonID
	ArgEnabled
	ArgContentURI
	ArgSearchTerm
	ArgServerName
	ArgSlotID
	ArgDelayID

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
	Approved
	Versions

	pathCount
)

// PathInfo is a row of the path table.
type PathInfo struct {
	Name string // members from the root, joined by "/"
	Side Side
	Mode Mode
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
