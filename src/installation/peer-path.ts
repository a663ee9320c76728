/** Below it each name is a call between regions. */
export const PEER_PATH = '/_millrace/peer/';
