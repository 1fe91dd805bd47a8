#include "auth/token_table.hpp"

#include "auth/secrets.hpp"
#include "auth/token.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace restpoint::auth {
namespace {

/// A search goes through all of them, for every request that brings a token.
constexpr std::size_t most_tokens = 1000;
constexpr std::size_t longest_name = 64;

constexpr std::string_view preamble =
    "# The tokens of restpoint: ID NAME ROLE CREATED EXPIRES SHA256. The tokens themselves are "
    "not\n"
    "# in here. Written by 'restpoint token create' and 'restpoint token revoke', which keep no\n"
    "# comments.\n";

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hash(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::string_view cut_line(std::string_view& rest) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (;;) {
        const auto begin = line.find_first_not_of(' ');
        if (begin == line.npos) {
            return words;
        }
        line.remove_prefix(begin);
        const auto end = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

failure not_understood(std::string why) {
    return {
        errc::invalid, std::move(why),
        "take the line out, or make the token anew with 'restpoint token create'"};
}

/// A word of the file in a message. Not the hash: a token that somebody pasted there by mistake is
/// not to end in the log.
std::string shown(std::string_view word) {
    constexpr std::size_t longest = 80;
    return presentable(word, longest);
}

result<std::optional<wall_time>> parse_expiry(std::string_view text) {
    if (text == "never") {
        return std::optional<wall_time>{};
    }
    const auto when = parse_rfc3339(text);
    if (!when) {
        return not_understood(
            fmt::format("'{}' is neither a time (RFC 3339) nor never", shown(text)));
    }
    return when;
}

result<token_record> parse_record(std::string_view line) {
    constexpr std::size_t fields = 6;
    const auto words = words_of(line);
    if (words.size() != fields) {
        return not_understood(fmt::format(
            "a token is six words (ID NAME ROLE CREATED EXPIRES SHA256), and here are {}",
            words.size()));
    }
    if (!is_token_id(words[0])) {
        return not_understood("the first word is no id of a token");
    }
    if (!is_token_name(words[1])) {
        return not_understood(fmt::format("'{}' is no name of a token", shown(words[1])));
    }
    const auto role = parse_role(words[2]);
    if (!role) {
        return not_understood(
            fmt::format("the role '{}' is none of viewer, operator, admin", shown(words[2])));
    }
    const auto created = parse_rfc3339(words[3]);
    if (!created) {
        return not_understood(fmt::format("'{}' is no time (RFC 3339)", shown(words[3])));
    }
    const auto expires = parse_expiry(words[4]);
    if (!expires) {
        return expires.error();
    }
    if (!is_hash(words[5])) {
        return not_understood("the last word is no SHA-256 in lower-case hex");
    }
    return token_record{std::string(words[0]), std::string(words[1]), *role, *created, *expires,
                        std::string(words[5])};
}

} // namespace

bool is_token_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_name && is_letter_or_digit(text.front()) &&
           std::ranges::all_of(text, [](char c) {
               return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
           });
}

result<token_table> token_table::parse(std::string_view text, std::string_view where) {
    token_table table;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto line = cut_line(text);
        if (line.starts_with('#') || line.find_first_not_of(' ') == line.npos) {
            continue;
        }
        auto record = parse_record(line);
        if (record && record->hash == revoked_hash) {
            continue;
        }
        const auto added = record ? table.add(std::move(*record)) : result<>(record.error());
        if (!added) {
            auto why = added.error();
            why.code = errc::invalid;
            why.detail = fmt::format("{}:{}: {}", where, number, why.detail);
            return why;
        }
    }
    return table;
}

std::string token_table::render() const {
    std::string text(preamble);
    for (const auto& r : records_) {
        text += fmt::format(
            "{} {} {} {} {} {}\n", r.id, r.name, to_string(r.role), rfc3339(r.created),
            r.expires ? rfc3339(*r.expires) : "never", r.hash);
    }
    return text;
}

result<> token_table::add(token_record what) {
    if (records_.size() >= most_tokens) {
        return failure{
            errc::conflict, fmt::format("there are {} tokens, and no room for more", most_tokens),
            "revoke those that nobody uses: 'restpoint token list'"};
    }
    if (std::ranges::find(records_, what.name, &token_record::name) != records_.end()) {
        return failure{
            errc::conflict, fmt::format("there is a token '{}' already", what.name),
            "choose another name, or revoke that one first"};
    }
    if (with_id(what.id) != nullptr) {
        return failure{
            errc::conflict, fmt::format("the id {} is there twice", what.id),
            "make one of the two tokens anew"};
    }
    records_.push_back(std::move(what));
    return {};
}

result<> token_table::remove(std::string_view name) {
    if (std::erase_if(records_, [&](const auto& r) { return r.name == name; }) == 0) {
        return failure{
            errc::not_found, fmt::format("there is no token '{}'", shown(name)),
            "'restpoint token list' shows which there are"};
    }
    return {};
}

const token_record* token_table::find(std::string_view token) const {
    const auto id = id_of(token);
    const auto* const record = id ? with_id(*id) : nullptr;
    return record != nullptr && same_secret(sha256_hex(token), record->hash) ? record : nullptr;
}

const token_record* token_table::with_id(std::string_view id) const {
    const auto found = std::ranges::find(records_, id, &token_record::id);
    return found == records_.end() ? nullptr : &*found;
}

bool token_table::has_good_one(wall_time now) const {
    return std::ranges::any_of(records_, [now](const auto& r) { return !r.is_expired(now); });
}

} // namespace restpoint::auth
