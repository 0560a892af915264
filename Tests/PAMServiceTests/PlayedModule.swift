import Foundation
import Posix

/// A module of PAM that behaves as its first argument says; compiled once by the machine's C compiler.
enum PlayedModule {
    static let compiler = ["/usr/bin/cc", "/usr/bin/clang", "/opt/swift/usr/bin/clang"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Where it lies; nil where there is no compiler.
    static let path: String? = {
        guard let compiler else { return nil }
        let folder = FileManager.default.temporaryDirectory.path + "/keyreeve-played-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try? source.write(toFile: "\(folder)/played.c", atomically: true, encoding: .utf8)
        let arguments = ["-shared", "-fPIC", "-o", "\(folder)/played.so", "\(folder)/played.c", "-lpam"]
        guard let child = try? ChildProcess(compiler, arguments), (try? child.wait()) == 0 else { return nil }
        return "\(folder)/played.so"
    }()

    private static let source = """
        #include <security/pam_modules.h>
        #include <security/pam_ext.h>
        #include <poll.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        static int is(const char *a, const char *b) { return !strcmp(a, b); }
        static int ask(pam_handle_t *h, int style, const char *text, const char *wanted) {
            char *answer = 0;
            int code = pam_prompt(h, style, &answer, "%s", text);
            int right = code == PAM_SUCCESS && answer && is(answer, wanted);
            free(answer);
            return right ? PAM_SUCCESS : code == PAM_SUCCESS ? PAM_AUTH_ERR : code;
        }
        static int many(pam_handle_t *h, int count) {
            struct pam_message all[200];
            const struct pam_message *pointers[200];
            struct pam_response *answers = 0;
            const struct pam_conv *conv = 0;
            for (int i = 0; i < count; i++) {
                all[i].msg_style = PAM_PROMPT_ECHO_OFF;
                all[i].msg = "Again: ";
                pointers[i] = &all[i];
            }
            pam_get_item(h, PAM_CONV, (const void **)&conv);
            return conv->conv(count, pointers, &answers, conv->appdata_ptr);
        }
        static int item(pam_handle_t *h, int which, const char *wanted) {
            const void *value = 0;
            return pam_get_item(h, which, &value) == PAM_SUCCESS && value && is(value, wanted);
        }
        int pam_sm_authenticate(pam_handle_t *h, int flags, int argc, const char **argv) {
            const char *how = argc ? argv[0] : "";
            const char *user = 0;
            if (is(how, "hang")) for (;;) pause();
            if (is(how, "spin")) for (;;) { volatile int x = 0; x++; }
            if (is(how, "hang-after")) { ask(h, PAM_PROMPT_ECHO_OFF, "Password: ", "right"); for (;;) pause(); }
            if (is(how, "daemons")) {
                for (int i = 0; i < 20; i++)
                    if (!fork()) {
                        setsid();
                        if (fork()) _exit(0);
                        setsid();
                        for (;;) pause();
                    }
                return ask(h, PAM_PROMPT_ECHO_OFF, "Password: ", "right");
            }
            if (is(how, "crash")) *(volatile int *)0 = 1;
            if (is(how, "abort")) abort();
            if (is(how, "exit")) exit(0);
            if (is(how, "stop")) kill(getpid(), SIGSTOP);
            if (is(how, "noise")) {
                printf("a secret on output\\n"); fprintf(stderr, "a secret on errors\\n"); fflush(0);
                return ask(h, PAM_PROMPT_ECHO_OFF, "Password: ", "right");
            }
            if (is(how, "password")) return ask(h, PAM_PROMPT_ECHO_OFF, "Password: ", "right");
            if (is(how, "two")) {
                int code = ask(h, PAM_PROMPT_ECHO_OFF, "Password: ", "right");
                pam_info(h, "A code is on its way");
                int other = ask(h, PAM_PROMPT_ECHO_ON, "Code: ", "123456");
                return code != PAM_SUCCESS ? code : other;
            }
            if (is(how, "picky")) {
                pam_get_user(h, &user, 0);
                if (!is(user, "alice")) return PAM_USER_UNKNOWN;
                return ask(h, PAM_PROMPT_ECHO_OFF, "Code for `alice': ", "123456");
            }
            if (is(how, "push")) { pam_info(h, "Approve it on your phone"); poll(0, 0, 6000); return PAM_SUCCESS; }
            if (is(how, "hundred")) {
                for (int i = 0; i < 100; i++) ask(h, PAM_PROMPT_ECHO_OFF, "Again: ", "right");
                return PAM_SUCCESS;
            }
            if (is(how, "hundred-at-once")) { many(h, 100); return PAM_SUCCESS; }
            if (is(how, "thirty-two")) return many(h, 32);
            if (is(how, "babble")) { for (int i = 0; i < 1000; i++) pam_info(h, "line %d", i); return PAM_SUCCESS; }
            if (is(how, "long")) {
                char *text = malloc(1 << 20);
                memset(text, 'A', 1 << 20);
                text[(1 << 20) - 1] = 0;
                const struct pam_message one = {PAM_PROMPT_ECHO_OFF, text}, *pointer = &one;
                struct pam_response *answers = 0;
                const struct pam_conv *conv = 0;
                pam_get_item(h, PAM_CONV, (const void **)&conv);
                conv->conv(1, &pointer, &answers, conv->appdata_ptr);
                return PAM_SUCCESS;
            }
            if (is(how, "control"))
                return ask(h, PAM_PROMPT_ECHO_OFF, "\\x1b]0;owned\\a\\x1b[2JPass\\r\\nword\\xff\\xe2\\x80\\xae: ", "right");
            if (is(how, "style")) {
                const struct pam_message one = {7, "binary"}, *pointer = &one;
                struct pam_response *answers = 0;
                const struct pam_conv *conv = 0;
                pam_get_item(h, PAM_CONV, (const void **)&conv);
                conv->conv(1, &pointer, &answers, conv->appdata_ptr);
                return PAM_SUCCESS;
            }
            if (is(how, "delay")) { pam_fail_delay(h, 60000000); return PAM_AUTH_ERR; }
            if (is(how, "rename")) return pam_set_item(h, PAM_USER, "bob");
            if (is(how, "child")) {
                // A helper that leaves the session and keeps everything open.
                if (!fork()) { for (;;) pause(); }
                return ask(h, PAM_PROMPT_ECHO_OFF, "Password: ", "right");
            }
            if (is(how, "memory")) {
                for (;;) { char *more = malloc(1 << 20); if (!more) return PAM_BUF_ERR; memset(more, 1, 1 << 20); }
            }
            if (is(how, "items"))
                return item(h, PAM_RHOST, "203.0.113.7") && item(h, PAM_TTY, "reeve") ? PAM_SUCCESS : PAM_AUTH_ERR;
            return PAM_AUTH_ERR;
        }
        int pam_sm_acct_mgmt(pam_handle_t *h, int flags, int argc, const char **argv) {
            const char *how = argc ? argv[0] : "";
            if (is(how, "expired")) return PAM_NEW_AUTHTOK_REQD;
            if (is(how, "gone")) return PAM_ACCT_EXPIRED;
            return PAM_SUCCESS;
        }
        int pam_sm_setcred(pam_handle_t *h, int flags, int argc, const char **argv) { return PAM_SUCCESS; }
        """
}
