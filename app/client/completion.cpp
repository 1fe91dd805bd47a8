#include "client/completion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace restpoint::client {
namespace {

using words = std::span<const std::string>;

class suggester {
  public:
    suggester(words line, words service_flags)
        : before_(line.first(line.size() - 1)),
          typed_(line.back()),
          service_flags_(service_flags) {}

    suggestions run() {
        const auto* const found = find_command();
        if (found == nullptr) {
            add_commands();
        } else if (found->what) {
            made_.so_far.what = *found->what;
            look_at_service_command(*found);
        } else {
            look_at_own_command(*found);
        }
        return std::move(made_);
    }

  private:
    /// The command at the front of the line, which is taken off it; nullptr when there is none yet.
    const command* find_command() {
        for (const auto& one : commands()) {
            const auto space = one.name.find(' ');
            const std::size_t count = space == one.name.npos ? 1 : 2;
            if (before_.size() < count || one.name.substr(0, space) != before_[0] ||
                (count == 2 && one.name.substr(space + 1) != before_[1])) {
                continue;
            }
            before_ = before_.subspan(count);
            return &one;
        }
        return nullptr;
    }

    void add(std::string word, std::string_view about = {}) {
        if (word.starts_with(typed_)) {
            made_.words.push_back({std::move(word), std::string(about)});
        }
    }

    /// The first words of commands, or the second ones behind a first.
    void add_commands() {
        if (before_.size() > 1) {
            return;
        }
        std::set<std::string_view> groups;
        for (const auto& one : commands()) {
            const auto space = one.name.find(' ');
            const auto first = one.name.substr(0, space);
            if (before_.empty() && space == one.name.npos) {
                add(std::string(first), one.summary);
            } else if (before_.empty() && groups.insert(first).second) {
                add(std::string(first));
            } else if (!before_.empty() && space != one.name.npos && first == before_[0]) {
                add(std::string(one.name.substr(space + 1)), one.summary);
            }
        }
        if (before_.empty() && typed_.starts_with('-')) {
            add("--help", "what there is");
            add("--version");
        }
    }

    void look_at_service_command(const command& of) {
        std::set<std::string_view> given;
        bool has_operand = false;
        while (!before_.empty()) {
            const std::string_view word = before_.front();
            before_ = before_.subspan(1);
            const auto equals = std::min(word.find('='), word.size());
            const auto* const found = find_option(*of.what, word.substr(0, equals));
            has_operand = has_operand || !word.starts_with('-');
            if (found == nullptr) {
                continue;
            }
            given.insert(found->name);
            if (found->value.empty() || equals < word.size()) {
                take(*found, word.substr(std::min(equals + 1, word.size())));
            } else if (before_.empty()) {
                return add_values(found->words, found->from, "");
            } else {
                take(*found, before_.front());
                before_ = before_.subspan(1);
            }
        }
        if (const auto equals = typed_.find('='); equals != typed_.npos) {
            const auto* const found = find_option(*of.what, typed_.substr(0, equals));
            if (found != nullptr && !found->value.empty()) {
                add_values(found->words, found->from, typed_.substr(0, equals + 1));
            }
        } else if (!of.operand.empty() && !has_operand && !typed_.starts_with('-')) {
            add_values({}, of.operands, "");
        } else {
            add_options(*of.what, given);
        }
    }

    /// What a wrong value does is said once the command is run.
    void take(const option& one, std::string_view value) {
        one.take(made_.so_far, std::string(value));
    }

    void add_values(std::span<const std::string_view> all, origin from, std::string_view in_front) {
        for (const auto one : all) {
            add(std::string(in_front).append(one));
        }
        if (from != origin::words) {
            made_.more = from;
            made_.before = in_front;
            made_.typed = typed_.substr(in_front.size());
        }
    }

    void add_options(verb what, const std::set<std::string_view>& given) {
        for (const auto& one : options()) {
            if (one.belongs_to(what) && (!given.contains(one.name) || one.name == "--annotation")) {
                add(std::string(one.name), one.summary);
            }
        }
    }

    void look_at_own_command(const command& of) {
        const auto previous = before_.empty() ? std::string_view() : before_.back();
        for (const auto& one : of.flags) {
            const auto with_equals = std::string(one.name) + '=';
            if (previous == one.name) {
                return add_values(one.words, origin::words, "");
            }
            if (typed_.starts_with(with_equals)) {
                return add_values(one.words, origin::words, with_equals);
            }
        }
        constexpr std::string_view config = "--config=";
        if (!of.service_flags) {
            return;
        }
        if (typed_.starts_with(config) || previous == "--config") {
            return add_values({}, origin::files, previous == "--config" ? "" : config);
        }
        for (const auto& one : of.flags) {
            add(std::string(one.name));
        }
        if (typed_.starts_with('-')) {
            for (const auto& one : service_flags_) {
                add(one);
            }
        }
    }

    words before_; ///< of the words in front, those that are not looked at yet
    std::string_view typed_;
    words service_flags_;
    suggestions made_ = {};
};

} // namespace

suggestions suggest(words line, words service_flags) {
    if (line.empty()) {
        return {};
    }
    return suggester(line, service_flags).run();
}

} // namespace restpoint::client
