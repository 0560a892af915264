extension PasskeyDocument {
    static let script = """
        "use strict";
        const part = id => document.getElementById(id);
        const token = location.hash.slice(1);
        history.replaceState(null, "", location.pathname);

        function say(text, kind) { part("state").textContent = text; part("state").className = kind || ""; }
        function head(title) { document.title = title; document.querySelector("h1").textContent = title; }
        function end(title, text, kind) {
          part("ask").hidden = true; head(title); part("lead").textContent = ""; say(text, kind);
        }
        function bytes(text) {
          return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
        }
        function text(buffer) {
          return btoa(String.fromCharCode(...new Uint8Array(buffer)))
            .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
        }
        async function call(path, fields) {
          const reply = await fetch("/v1/passkey-page" + path, {
            method: "POST", headers: {"Content-Type": "application/json"}, cache: "no-store", credentials: "omit",
            body: JSON.stringify(Object.assign({token}, fields))});
          const message = await reply.json();
          if (!reply.ok) {
            const fault = new Error(message.detail || message.title);
            fault.code = message.code;
            throw fault;
          }
          return message;
        }
        function use(wish, allow) {
          return navigator.credentials.get({publicKey: {challenge: bytes(wish.challenge), rpId: wish.relyingParty,
            userVerification: wish.userVerification, timeout: wish.timeout,
            allowCredentials: allow.map(id => ({type: "public-key", id: bytes(id)}))}});
        }
        function make(wish) {
          const keeps = wish.user.residentKey === "required";
          return navigator.credentials.create({publicKey: {challenge: bytes(wish.challenge),
            rp: {id: wish.relyingParty, name: "Keyreeve " + wish.relyingParty},
            user: {id: bytes(wish.user.handle), name: wish.user.name, displayName: wish.user.name},
            pubKeyCredParams: wish.user.algorithms.map(alg => ({type: "public-key", alg})),
            excludeCredentials: wish.user.exclude.map(id => ({type: "public-key", id: bytes(id)})),
            authenticatorSelection: {residentKey: wish.user.residentKey, requireResidentKey: keeps,
              userVerification: wish.userVerification},
            attestation: "none", timeout: wish.timeout}});
        }
        function answer(credential) {
          const response = credential.response;
          const fields = {clientData: text(response.clientDataJSON)};
          if (response.attestationObject) {
            fields.attestationObject = text(response.attestationObject);
            fields.transports = response.getTransports ? response.getTransports() : [];
            return fields;
          }
          fields.id = text(credential.rawId);
          fields.authenticatorData = text(response.authenticatorData);
          fields.signature = text(response.signature);
          fields.userHandle = response.userHandle ? text(response.userHandle) : "";
          return fields;
        }
        function busy(on) {
          for (const id of ["go", "listed", "deny"]) part(id).disabled = on;
          part("number").readOnly = on;
        }

        async function go(event) {
          event.preventDefault();
          busy(true);
          const isListed = event.submitter === part("listed");
          say(isListed ? "Waiting for your security key …" : "Waiting for your passkey …");
          let wish, credential;
          try { wish = await call("/number", {number: part("number").value}); } catch (fault) {
            end("This is over", fault.message, "bad");
            return;
          }
          try { credential = await (wish.purpose === "registration" ? make(wish)
            : use(wish, isListed ? wish.allow || [] : [])); } catch (fault) {
            say(fault.name === "InvalidStateError" ? "That passkey is registered already: use another one."
              : (isListed ? "No security key answered that counts here." : "No passkey answered.")
                + " Try again, or choose another one. (" + fault.name + ")", "bad");
            busy(false);
            return;
          }
          try { await call("/answer", answer(credential)); } catch (fault) {
            end("This is over", fault.message, "bad");
            return;
          }
          end("Done", "Go on in your terminal. You may close this page.");
        }
        async function deny() {
          busy(true);
          try { await call("/number", {}); } catch (fault) { end("This is over", fault.message, "bad"); return; }
          end("Ended", "Nobody was let in. If this happens again, tell your administrators.");
        }
        async function start() {
          if (!/^[A-Za-z0-9_-]{22}$/.test(token)) {
            end("Nothing to do here", "Open the whole address that your terminal shows, once.", "bad");
            return;
          }
          if (!window.PublicKeyCredential) {
            end("No passkeys here", "This browser uses none on this page: it must trust the certificate of the server.",
              "bad");
            return;
          }
          let facts;
          try { facts = await call("", {}); } catch (fault) {
            end(fault.code === "conversation-over" ? "This is over" : "That did not work", fault.message, "bad");
            return;
          }
          const isNew = facts.purpose === "registration";
          const what = isNew && facts.securityKey ? "security key" : "passkey";
          head((isNew ? "Register a " : "Sign in with a ") + what);
          part("go").textContent = "Continue with " + what;
          part("listed").hidden = isNew || !facts.securityKey;
          part("lead").textContent = isNew ? "For " + location.host + ", where you asked for it in a terminal."
            : "Somebody wants to sign in at " + location.host + ". Only go on if that is you.";
          part("source").textContent = facts.source;
          part("time").textContent = new Date(facts.askedAt * 1000).toLocaleString();
          part("key").textContent = facts.key;
          part("ask").hidden = false;
          part("number").focus();
          setTimeout(() => {
            if (!part("ask").hidden && !part("go").disabled) end("This is over", "Start again in your terminal.", "bad");
          }, facts.secondsLeft * 1000);
        }
        part("ask").addEventListener("submit", go);
        part("deny").addEventListener("click", deny);
        start();
        """
}
