#include "api/job_page.hpp"

#include "api/html_page.hpp"
#include "api/text.hpp"
#include "backrest/exit_code.hpp"
#include "http/reply.hpp"

#include <fmt/format.h>

namespace restpoint::api {
namespace {

using http::escape_html;

std::string time_html(wall_time t) {
    const auto text = rfc3339(t);
    return fmt::format(
        "<time datetime=\"{}\">{} {} UTC</time>", text, text.substr(0, 10), text.substr(11, 8));
}

void row(std::string& html, std::string_view name, std::string_view value_html) {
    html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value_html);
}

std::string state_html(const jobs::job& what) {
    return fmt::format("<span class=\"state {0}\">{0}</span>", to_string(what.state));
}

std::string facts(const jobs::job& what) {
    std::string html = "<dl>\n";
    row(html, "Kind", escape_html(to_string(what.spec.kind)));
    if (what.spec.type) {
        row(html, "Type", to_string(*what.spec.type));
    }
    row(html, "Stanza", escape_html(what.spec.stanza));
    row(html, "Requested by", escape_html(what.requested_by));
    row(html, "Created", time_html(what.created));
    if (what.started) {
        row(html, "Started", time_html(*what.started));
    }
    if (what.finished) {
        row(html, "Finished", time_html(*what.finished));
    }
    for (const auto& [key, value] : what.spec.annotations) {
        row(html, escape_html(key), escape_html(value));
    }
    return html + "</dl>\n";
}

std::string good_outcome(const jobs::job& ended) {
    std::string html = "<section class=\"outcome good\">\n<h1> Success </h1> <br/>\n";
    if (ended.label) {
        html += fmt::format("<p>backup set <code>{}</code>", escape_html(*ended.label));
        if (ended.backup_size) {
            html += fmt::format(", {} read", size_text(*ended.backup_size));
        }
        html += "</p>\n";
    }
    return html;
}

std::string what_went_wrong(const jobs::job& ended) {
    if (!ended.error) {
        return fmt::format("<p>the job ended as {}</p>\n", to_string(ended.state));
    }
    const auto& e = *ended.error;
    std::string html;
    if (e.code) {
        html += fmt::format(
            "<p>pgBackRest ended with code {} ({}): {}</p>\n", *e.code, escape_html(e.name),
            escape_html(backrest::explain_exit(*e.code).meaning));
    } else {
        html += fmt::format(
            "<p>the job ended as {} ({})</p>\n", to_string(ended.state), escape_html(e.name));
    }
    if (!e.message.empty()) {
        html += fmt::format("<p><code>{}</code></p>\n", escape_html(e.message));
    }
    if (!e.hint.empty()) {
        html += fmt::format("<p class=\"hint\">{}</p>\n", with_breaks(e.hint));
    }
    return html;
}

} // namespace

std::string job_title(const jobs::job& what) {
    const auto type = what.spec.type ? fmt::format("{} ", to_string(*what.spec.type)) : "";
    return fmt::format("{}{} of {}", type, to_string(what.spec.kind), what.spec.stanza);
}

std::string job_page_begin(const jobs::job& what, wall_time, std::string_view cancel_button) {
    auto html = page_begin(fmt::format("job {}: {}", what.id, job_title(what)));
    html += fmt::format(
        "<section class=\"about\">\n<h2>Job <a href=\"/pgBackRest/jobs/{0}\">{0}</a>: {1}</h2>\n",
        what.id, escape_html(job_title(what)));
    if (is_final(what.state)) {
        html += fmt::format("<p>{}</p>\n", state_html(what));
    } else {
        html += fmt::format(
            "<div class=\"running\"><p>{} the log grows below; closing this page leaves the job "
            "running</p>\n{}</div>\n",
            state_html(what), cancel_button);
    }
    html += facts(what);
    html += "</section>\n";
    return html;
}

std::string outcome_html(const jobs::job& ended) {
    std::string html;
    if (ended.state == jobs::job_state::succeeded) {
        html = good_outcome(ended);
    } else {
        html = "<section class=\"outcome bad\">\n<h1> Error </h1> <br/>\n";
        html += what_went_wrong(ended);
        if (ended.label) {
            html += fmt::format(
                "<p>the backup set <code>{}</code> exists all the same</p>\n",
                escape_html(*ended.label));
        }
    }
    if (ended.expire_failed) {
        html += "<p class=\"hint\">the backup is good, but the expire behind it failed: see the "
                "end of the log, and run expire again</p>\n";
    }
    if (ended.log_dropped > 0) {
        html += fmt::format(
            "<p class=\"soft\">{} lines of the log were not kept (no space, or past its cap)</p>\n",
            ended.log_dropped);
    }
    return html + "</section>\n";
}

std::string job_table(std::span<const jobs::job> list, wall_time now) {
    if (list.empty()) {
        return "<p class=\"soft\">no job yet</p>\n";
    }
    std::string html = "<div class=\"table\"><table>\n<thead><tr><th>Job</th><th>What</th>"
                       "<th>State</th><th>Created</th><th>Took</th><th>Requested by</th></tr>"
                       "</thead>\n<tbody>\n";
    for (const auto& one : list) {
        const auto took = one.started ? duration_text(one.finished.value_or(now) - *one.started)
                                      : std::string("–");
        html += fmt::format(
            "<tr><td><a href=\"/pgBackRest/jobs/{0}\">{0}</a></td><td>{1}</td><td>{2}</td>"
            "<td>{3}</td><td>{4}</td><td>{5}</td></tr>\n",
            one.id, escape_html(job_title(one)), state_html(one), time_html(one.created), took,
            escape_html(one.requested_by));
    }
    return html + "</tbody></table></div>\n";
}

} // namespace restpoint::api
