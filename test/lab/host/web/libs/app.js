// Stands in for Jitsi Meet's application in a lab: joins the room of the URL, as the host or as a guest, without media.
/* global config, JitsiMeetJS */
import { claimsOf, signIn, signOut } from './sign-in.js';

const room = location.pathname.split('/').at(-1).toLowerCase();
const askAgainMs = 1000;
const me = { jwt: undefined, idToken: undefined, connection: undefined, conference: undefined };

const element = id => document.getElementById(id);

function show(state, detail = '') {
    element('state').textContent = state;
    element('detail').textContent = detail;
    element('sign-in').hidden = me.jwt !== undefined || !config.tokenAuthUrl;
    element('sign-out').hidden = me.jwt === undefined;
}

/** What the URL says after `#` goes before what config.js says. */
function readHash() {
    for (const [ name, value ] of new URLSearchParams(location.hash.slice(1))) {
        if (name === 'jwt') me.jwt = JSON.parse(value);
        else if (name.startsWith('config.')) config[name.slice('config.'.length)] = JSON.parse(value);
    }
}

/** Opens the XMPP session: with a token on the main host, else on the guests'. */
function connect() {
    const connection = new JitsiMeetJS.JitsiConnection(null, me.jwt, {
        hosts: config.hosts,
        serviceUrl: `${config.preferBosh ? config.bosh : config.websocket}?room=${room}`
    });
    const { CONNECTION_ESTABLISHED, CONNECTION_FAILED } = JitsiMeetJS.events.connection;
    me.connection = connection;
    connection.addEventListener(CONNECTION_ESTABLISHED, () => enter(connection));
    connection.addEventListener(CONNECTION_FAILED, (name, text) => show('refused', `${name}: ${text ?? ''}`));
    show('connecting');
    connection.connect();
}

function enter(connection) {
    const conference = connection.initJitsiConference(room, { p2p: { enabled: false } });
    const { CONFERENCE_JOINED, CONFERENCE_FAILED, USER_JOINED, USER_LEFT } = JitsiMeetJS.events.conference;
    const showOthers = () => element('others').replaceChildren(...conference.getParticipants().map(person => {
        const row = document.createElement('li');
        row.textContent = person.getId();
        return row;
    }));
    me.conference = conference;
    conference.on(CONFERENCE_JOINED, () => {
        const who = me.jwt === undefined ? 'a guest' : claimsOf(me.jwt).preferred_username;
        show('in the room', `${conference.myUserId()} is ${who}`);
    });
    conference.on(CONFERENCE_FAILED, (name, lobby) => {
        if (name === JitsiMeetJS.errors.conference.MEMBERS_ONLY_ERROR) waitForHost(conference, lobby);
        else show('refused', name);
    });
    conference.on(USER_JOINED, showOthers);
    conference.on(USER_LEFT, showOthers);
    conference.join();
}

/** In a lobby one is called; where there is none, one asks again. */
function waitForHost(conference, lobby) {
    if (element('state').textContent !== 'waiting for the host') {
        show('waiting for the host');
        if (lobby) conference.joinLobby('guest');
    }
    if (!lobby) setTimeout(() => me.conference === conference && conference.join(), askAgainMs);
}

async function leave() {
    const { connection, conference } = me;
    me.conference = undefined;
    if (conference?.isJoined()) await conference.leave();
    await connection.disconnect();
    element('others').replaceChildren();
}

element('sign-in').addEventListener('click', async () => {
    try {
        const tokens = await signIn(config, room);
        await leave();
        me.jwt = tokens.accessToken;
        me.idToken = tokens.idToken;
        connect();
    } catch (error) {
        show('refused', error.message);
    }
});

element('sign-out').addEventListener('click', async () => {
    await leave();
    await signOut(config, me.idToken);
    me.jwt = undefined;
    show('signed out');
});

readHash();
JitsiMeetJS.init({ disableAudioLevels: true });
JitsiMeetJS.setLogLevel(JitsiMeetJS.logLevels.ERROR);
connect();
