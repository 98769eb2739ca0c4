/** The state by which MatrixRTC says who is in a call (MSC3401): what the demo's widget holds and its host page shows. */
export const CALL_MEMBER = "org.matrix.msc3401.call.member";
