#include "backrest/repo_trouble.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace restpoint::backrest {

namespace {

struct known_trouble {
    std::string_view words; ///< of pgBackRest, of the store's own answer, or of OpenSSL
    std::string_view hint;
};

constexpr std::string_view no_key = "the store refused the key: check repoN-s3-key and -key-secret "
                                    "or repoN-azure-account and -key, "
                                    "whether they may read, write, list and delete below "
                                    "repoN-path, whether they have expired, and "
                                    "the "
                                    "clock of this host";

constexpr std::string_view no_bucket = "the store answers, and has no such bucket or container: "
                                       "check repoN-s3-bucket, -s3-endpoint and "
                                       "-s3-uri-style, or repoN-azure-container and "
                                       "-azure-account, or make it; if it was there before, "
                                       "find out who deleted it before you make it anew";

constexpr std::string_view who_signed =
    "the certificate is signed by nobody who is trusted here: repoN-storage-ca-file (for a repo "
    "host "
    "repoN-host-ca-file) must name the certificate of who signed it; if that was right until now, "
    "find "
    "out who answers there";

constexpr std::string_view passphrase =
    "what was read makes no sense decrypted: check repoN-cipher-type and repoN-cipher-pass, which "
    "must be those that the repo was made with; without them nobody can read it. The repo itself "
    "may "
    "be well: make no new stanza over it";

constexpr std::string_view nobody_there =
    "nobody answers at this address: check whether the store or the repo host is up, and "
    "repoN-storage-host and -storage-port, or repoN-host and -host-port. PostgreSQL keeps its WAL "
    "meanwhile and archiving goes on by itself: watch the room on its disk";

constexpr std::string_view no_answer =
    "somebody takes connections there and does not answer in time: look at the store or the repo "
    "host, its load and the network. PostgreSQL keeps its WAL meanwhile and archiving goes on by "
    "itself: watch the room on its disk";

/// The first that fits counts: what a store says of itself stands before HTTP's general words.
constexpr auto table = std::to_array<known_trouble>({
    {"NoSuchBucket", no_bucket},
    {"ContainerNotFound", no_bucket},
    {"ResourceNotFound", no_bucket}, // Azure, of an account that is not there
    {"RequestTimeTooSkewed",
     "the clock of this host is wrong by more than the store allows: look at its time "
     "synchronisation"},
    {"failed with 401", no_key},
    {"failed with 403", no_key},
    {"failed with 503",
     "the store is busy or in trouble: run it again later, and look at its own status and limits"},
    {"certificate has expired",
     "the certificate of the store or repo host has expired: renew it there, and check this host's "
     "clock. PostgreSQL keeps its WAL meanwhile and archiving goes on by itself"},
    {"certificate is not yet valid",
     "the certificate is for later: check the clocks of this host and of the one that made it"},
    {"unable to get local issuer certificate", who_signed},
    {"self signed certificate", who_signed},
    {"self-signed certificate", who_signed},
    {"unable to set user-defined CA certificate",
     "the file that repoN-storage-ca-file or repoN-host-ca-file names is missing, cannot be read "
     "by "
     "the user that runs pgBackRest, or holds no certificate"},
    {"in certificate common name or subject alternative names",
     "who answers there shows a certificate for another name: repoN-storage-host or repoN-host "
     "must "
     "be "
     "a DNS name that stands in it; addresses are not looked for"},
    {"access denied",
     "the other host knows the certificate and does not let it at this stanza: tls-server-auth "
     "there "
     "must name this host's certificate and the stanza (repo-host=main)"},
    {"key/value found outside of section", passphrase},
    {"cipher header invalid", passphrase},
    {"unable to flush", passphrase},
    {"unable to get address for",
     "the name is not known: check repoN-storage-host, -s3-endpoint, -azure-account and "
     "-azure-endpoint, or repoN-host, and name resolution on this host"},
    {"Connection refused", nobody_there},
    {"timeout connecting to", nobody_there},
    {"No route to host", nobody_there},
    {"Network is unreachable", nobody_there},
    {"waiting for read from", no_answer},
    {"waiting for write to", no_answer},
});

bool contains(std::string_view text, std::string_view words) {
    return text.find(words) != text.npos;
}

std::string_view first_line(std::string_view text) {
    return text.substr(0, text.find('\n'));
}

/// The first line of what stands between <NAME> and </NAME>; empty without that.
std::string_view element(
    std::string_view text, std::string_view opening, std::string_view closing) {
    const auto begin = text.find(opening);
    if (begin == text.npos) {
        return {};
    }
    text.remove_prefix(begin + opening.size());
    const auto end = text.find(closing);
    return end == text.npos ? std::string_view{} : first_line(text.substr(0, end));
}

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const auto part : parts) {
        if (!part.empty()) {
            text += text.empty() ? "" : ": ";
            text += part;
        }
    }
    return text;
}

std::string_view without_end(std::string_view text, std::string_view characters) {
    return text.substr(0, text.find_last_not_of(characters) + 1);
}

/// Each request and answer that is quoted, as the store's own code and sentence.
std::string without_requests(std::string_view message) {
    constexpr std::string_view quoted = "*** Path/Query ***";
    std::string text;
    for (auto at = message.find(quoted); at != message.npos; at = message.find(quoted)) {
        const auto rest = message.substr(at);
        const auto end = std::min(rest.find("\nrepo"), rest.size()); // of the next repo
        const auto dump = rest.substr(0, end);
        text += joined(
            {without_end(message.substr(0, at), ": \n"), element(dump, "<Code>", "</Code>"),
             element(dump, "<Message>", "</Message>")});
        message = rest.substr(end);
    }
    text += message;
    return text;
}

/// Without the lines of a file that was decrypted with another passphrase, and without the hint that
/// they call for.
std::string without_nonsense(const std::string& message) {
    constexpr std::string_view nonsense = "key/value found outside of section";
    if (!contains(message, nonsense)) {
        return message;
    }
    std::string text;
    std::string_view rest = message;
    while (!rest.empty()) {
        const auto line = first_line(rest);
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (!contains(line, nonsense) && !line.starts_with("HINT: ")) {
            text += text.empty() ? "" : "\n";
            text += line;
        }
    }
    return joined({without_end(text, ": \n"), "its content is no text"});
}

} // namespace

std::string in_brief(std::string_view message) {
    return without_nonsense(without_requests(message));
}

std::string_view trouble_hint(std::string_view message) {
    const auto* const found = std::find_if(table.begin(), table.end(), [&](const auto& known) {
        return contains(message, known.words);
    });
    return found == table.end() ? std::string_view{} : found->hint;
}

} // namespace restpoint::backrest
