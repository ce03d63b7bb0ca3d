// Stands in for the sign-in of Jitsi Meet's page (react/features/authentication) in a lab: the same state, verifier, nonce
// and messages.

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const random = count => crypto.getRandomValues(new Uint8Array(count));

/** Fills tokenAuthUrl in, and keeps in the session what static/sso.html will ask for. */
async function signInUrl(config, room) {
    const verifier = Array.from(random(64), byte => letters[byte % letters.length]).join('');
    const nonce = Array.from(random(32), byte => byte.toString(16).padStart(2, '0')).join('');
    sessionStorage.setItem('code_verifier', verifier);
    sessionStorage.setItem('oauth_nonce', nonce);
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
    const challenge = btoa(String.fromCharCode(...new Uint8Array(digest)))
        .replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_');
    // Settings of the URL come back with the person.
    const state = { room, roomSafe: room };
    for (const [ name, value ] of new URLSearchParams(location.hash.slice(1))) {
        if (name.startsWith('config.')) state[name] = JSON.parse(value);
    }
    return config.tokenAuthUrl
        .replace('{state}', encodeURIComponent(JSON.stringify(state)))
        .replace('{room}', room)
        .replace('{code_challenge}', challenge) + `&nonce=${nonce}`;
}

/** What a token says; unchecked. */
export function claimsOf(token) {
    const bytes = Uint8Array.from(
        atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')),
        letter => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
}

/** The next message of one of these types from this site's own pages. */
function messageOf(types) {
    return new Promise(resolve => {
        const listen = ({ origin, data }) => {
            if (origin !== location.origin || !types.includes(data?.type)) return;
            removeEventListener('message', listen);
            resolve(data);
        };
        addEventListener('message', listen);
    });
}

/**
 * With `tokenAuthInline` in a window of its own: gives the tokens. Else in this window, which static/sso.html leads back to
 * the room. Jitsi's page adds the nonce to the first way only, and sso.html refuses the second way then.
 */
export async function signIn(config, room) {
    const url = await signInUrl(config, room);
    if (!config.tokenAuthInline) {
        location.href = url;
        return new Promise(() => {});
    }
    const popup = open(url, 'sign-in', 'width=500,height=600');
    if (!popup) throw new Error('the window was blocked');
    const message = await messageOf([ 'oauth-success', 'oauth-error' ]);
    popup.close();
    sessionStorage.removeItem('oauth_nonce');
    sessionStorage.removeItem('code_verifier');
    if (message.type === 'oauth-error') throw new Error(message.error);
    return message;
}

/** With `tokenAuthInline` in a hidden frame until static/logout.html says that it is done; else in this window. */
export async function signOut(config, idToken) {
    if (!config.tokenAuthInline) {
        location.href = config.tokenLogoutUrl;
        return new Promise(() => {});
    }
    const frame = document.createElement('iframe');
    frame.hidden = true;
    frame.src = `${config.tokenLogoutUrl}${config.tokenLogoutUrl.includes('?') ? '&' : '?'}id_token_hint=${idToken}`;
    document.body.append(frame);
    await messageOf([ 'logout-success' ]);
    frame.remove();
}
