#include "api/page_style.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace restpoint::api {
namespace {

constexpr std::string_view sheet = R"(
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2430;--soft:#5d6878;--line:#dfe3e9;
--accent:#2457c5;--good:#1a7f4b;--bad:#c22f2f;--warn:#9a6200;--log:#fbfcfd}
@media (prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--ink:#e4e9f0;--soft:#94a1b3;
--line:#2c3542;--accent:#82adff;--good:#4fcb8b;--bad:#ff8177;--warn:#f0b64d;--log:#141a22}}
*{box-sizing:border-box}
body{margin:0 auto;padding:0 1rem 2rem;max-width:72rem;min-height:100vh;display:flex;
flex-direction:column;gap:1rem;background:var(--bg);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
a{color:var(--accent)}
header{order:-3;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:baseline;
padding:1rem 0 .75rem;border-bottom:1px solid var(--line)}
header a{text-decoration:none}
header .name{font-weight:700;font-size:1.15rem;color:var(--ink);margin-right:auto}
section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.25rem}
h1{display:inline;font-size:1.35rem;line-height:1.3;margin:0}
h2{font-size:1rem;margin:0 0 .6rem}
p{margin:.4rem 0}
.outcome{order:-2;border-left:.4rem solid var(--warn)}
.about{order:-1}
.good{border-left-color:var(--good)}.good h1{color:var(--good)}
.bad{border-left-color:var(--bad)}.bad h1{color:var(--bad)}
.outcome.warn h1,.stale h1{color:var(--warn)}
.unknown{border-left-color:var(--soft)}.unknown h1{color:var(--soft)}
.hint::before{content:"What to do: ";font-weight:600}
.soft{color:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.25rem;margin:.5rem 0 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.state{display:inline-block;padding:.05rem .6rem;border-radius:1rem;font-size:.875rem;
font-weight:600;border:1px solid currentColor;color:var(--soft)}
.succeeded{color:var(--good)}.failed{color:var(--bad)}
.cancelled,.interrupted{color:var(--warn)}.running{color:var(--accent)}
.log,.text{background:var(--log);overflow:auto;overflow-wrap:anywhere;
font:13px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.log{display:flex;flex-direction:column-reverse;max-height:75vh}
.log>div,.text,code{white-space:pre-wrap}
.log br,.text br{display:none}
code{font:13px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.log .error{color:var(--bad);font-weight:600}.log .warn{color:var(--warn)}
.log .detail{color:var(--soft)}.log .own{font-style:italic}
.buttons{display:flex;flex-wrap:wrap;gap:.6rem}
form{margin:0}
button{font:inherit;font-weight:600;padding:.5rem 1.1rem;border-radius:.45rem;cursor:pointer;
border:1px solid var(--accent);background:transparent;color:var(--accent)}
button:hover,button:focus-visible{background:var(--accent);color:var(--card)}
input{font:inherit;padding:.45rem .6rem;border-radius:.45rem;border:1px solid var(--line);
background:var(--log);color:var(--ink);width:26rem;max-width:100%}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.45rem .9rem .45rem 0;border-bottom:1px solid var(--line);
white-space:nowrap}
th{color:var(--soft);font-weight:500;font-size:.875rem}
tr:last-child td{border-bottom:0}
)";

constexpr std::string_view end_sheet = ".running{display:none}";

std::string sha256_base64(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
        // uncovered: a library without SHA-256 is not one we are linked with
        throw std::runtime_error("cannot hash the style of the pages");
    }
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> base64{};
    const auto written = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(length));
    return {base64.begin(), base64.begin() + written};
}

} // namespace

std::string_view page_style() {
    return sheet;
}

std::string_view end_style() {
    return end_sheet;
}

const std::string& content_security_policy() {
    static const std::string policy = fmt::format(
        "default-src 'none'; style-src 'sha256-{}' 'sha256-{}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'",
        sha256_base64(sheet), sha256_base64(end_sheet));
    return policy;
}

} // namespace restpoint::api
