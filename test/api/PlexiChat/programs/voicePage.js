/**
 * A page that calls and answers by the PlexiChat API alone: `startCall`, `awaitCall`, `received` and `leaveCall` are
 * called by the test. Whoever joins offers a connection to those who are there already.
 */
const state = { peers: new Map(), frames: [] }

const request = async (method, path, body) => {
  const response = await fetch(state.api + path, {
    method,
    headers: { authorization: `Bearer ${state.token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (response.status === 204) return undefined
  const { success, data, error } = await response.json()
  if (!success) throw new Error(error.message)
  return data
}

/** Opens a socket, and calls back with each frame. Resolves once the server is ready. */
const openSocket = (path, onFrame) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(state.api.replace(/^http/, "ws") + path, ["bearer", state.token])
    socket.onerror = () => reject(new Error(`${path} was closed`))
    socket.onclose = ({ code }) => state.frames.push(`closed ${code}`)
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data)
      state.frames.push(frame.type)
      if (frame.type === "ready") resolve(socket)
      else onFrame(frame)
    }
  })

/** Returns the connection to another participant, with the microphone's audio. */
const peerOf = (userId) => {
  const existing = state.peers.get(userId)
  if (existing !== undefined) return existing
  const peer = new RTCPeerConnection({ iceServers: state.iceServers })
  for (const track of state.microphone.getTracks()) peer.addTrack(track, state.microphone)
  peer.onicecandidate = ({ candidate }) => send("ice-candidate", { to: userId, candidate })
  // Chromium decodes, and so measures, only audio that is played.
  peer.ontrack = ({ streams: [stream] }) => {
    const audio = document.body.appendChild(document.createElement("audio"))
    Object.assign(audio, { srcObject: stream, autoplay: true })
  }
  state.peers.set(userId, peer)
  return peer
}

const send = (type, data) => state.socket.send(JSON.stringify({ type, data }))

const onSignal = async ({ type, data: { from, sdp, candidate } }) => {
  if (type === "offer") {
    await peerOf(from).setRemoteDescription({ type, sdp })
    await peerOf(from).setLocalDescription()
    send("answer", { to: from, sdp: peerOf(from).localDescription.sdp })
  }
  if (type === "answer") await peerOf(from).setRemoteDescription({ type, sdp })
  if (type === "ice-candidate") await peerOf(from).addIceCandidate(candidate ?? undefined)
}

/** Connects to those who are in a call that was joined. */
const enter = async (call) => {
  Object.assign(state, { call: call.id, iceServers: call.ice_servers })
  state.microphone = await navigator.mediaDevices.getUserMedia({ audio: true })
  let last = Promise.resolve()
  state.socket = await openSocket(call.socket, (frame) => {
    last = last.then(() => onSignal(frame))
  })
  for (const { user_id } of call.participants) {
    if (user_id === state.user) continue
    const peer = peerOf(user_id)
    await peer.setLocalDescription()
    send("offer", { to: user_id, sdp: peer.localDescription.sdp })
  }
  return call.id
}

const startCall = async (account, callee) => {
  Object.assign(state, account)
  return enter(await request("POST", "/v1/calls", { type: "audio", participant_ids: [callee] }))
}

/** Waits until somebody calls, and answers. Returns at once; `answered` resolves to the call's id. */
const awaitCall = async (account) => {
  Object.assign(state, account)
  const { promise, resolve } = Promise.withResolvers()
  await openSocket("/v1/ws/connect", ({ type, data }) => {
    if (type === "call.ringing") resolve(data.id)
  })
  state.answered = promise.then(async (id) => enter(await request("POST", `/v1/calls/${id}/join`)))
}

/** Returns what was received from the other participant: bytes, and the energy of the decoded audio. */
const received = async () => {
  const [peer] = state.peers.values()
  const stats = peer === undefined ? [] : [...(await peer.getStats()).values()]
  const { bytesReceived = 0, totalAudioEnergy = 0 } =
    stats.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio") ?? {}
  return { bytes: bytesReceived, energy: totalAudioEnergy }
}

const leaveCall = () => request("DELETE", `/v1/calls/${state.call}/leave`)

Object.assign(globalThis, { state, startCall, awaitCall, received, leaveCall })
