// The tokens that are good, as the tokens file holds them: one line each,
//
//     ID NAME ROLE CREATED EXPIRES SHA256
//
// with times in RFC 3339, "never" for one that does not expire, lines that begin with '#' and empty
// lines skipped. A file with one line that is not understood is refused as a whole: who edits it
// must not find out later that half of it was ignored. A line whose SHA-256 is revoked_hash is that
// of a revoked token, and skipped. Pure.
#pragma once

#include "auth/role.hpp"
#include "base/result.hpp"
#include "base/time_text.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::auth {

/// No token has it.
inline constexpr std::string_view revoked_hash =
    "0000000000000000000000000000000000000000000000000000000000000000";

struct token_record {
    std::string id = {};
    std::string name = {};
    auth::role role = role::viewer;
    wall_time created = {};
    std::optional<wall_time> expires = {}; ///< none: never
    std::string hash = {};                 ///< sha256_hex() of the token

    [[nodiscard]] bool is_expired(wall_time now) const { return expires && *expires <= now; }

    friend bool operator==(const token_record&, const token_record&) = default;
};

/// Letters, digits, '-', '_', '.', first a letter or digit, at most 64: good in a log line.
[[nodiscard]] bool is_token_name(std::string_view text);

class token_table {
  public:
    /// `where` names the file in messages: "WHERE:3: …". Fails with `invalid`.
    [[nodiscard]] static result<token_table> parse(std::string_view text, std::string_view where);

    /// A file that parse() gives back as this table.
    [[nodiscard]] std::string render() const;

    /// In the order of the file.
    [[nodiscard]] const std::vector<token_record>& records() const { return records_; }

    /// Fails with `conflict` where the name or the id is taken, or the table is full.
    [[nodiscard]] result<> add(token_record what);
    /// Fails with `not_found`.
    [[nodiscard]] result<> remove(std::string_view name);

    /// The record of a token, expired or not; null for a text that is no token of ours.
    [[nodiscard]] const token_record* find(std::string_view token) const;
    /// The record with this id, or null.
    [[nodiscard]] const token_record* with_id(std::string_view id) const;

    [[nodiscard]] bool has_good_one(wall_time now) const;

  private:
    std::vector<token_record> records_ = {};
};

} // namespace restpoint::auth
