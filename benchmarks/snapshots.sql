-- Calls made up for benchmarks/snapshots.py, which binds the names with a dollar; words come from the table vocabulary.
INSERT INTO calls (call_id, team, sha256, contact_id, recording, agent, started_at, received_at)
SELECT md5(i::VARCHAR)[:12], 'Team ' || (i % $agents % $teams), sha256(i::VARCHAR), 'c' || i, i || '.wav',
    'Agent ' || (i % $agents), TIMESTAMPTZ '2026-01-01' + to_seconds(i * 40),
    TIMESTAMPTZ '2026-01-01' + to_seconds(i * 40)
FROM range($calls) t(i);

INSERT INTO transcripts BY NAME
SELECT nextval('transcript_ids') AS transcript_id, call_id, 'made up' AS made_with, 'left' AS agent_channel,
    360 + random() * 10 AS duration_s, 'en' AS language, random() AS language_probability,
    'channels' AS speakers_from, 'speech' AS times_from, 'voice' AS medium, ['agent', 'customer'] AS measured,
    'made up' AS engine, 'tiny.en' AS model, 'ab' AS model_sha256, '{}' AS settings, [] AS doubts,
    received_at AS made_at
FROM calls ORDER BY received_at;

INSERT INTO turns
SELECT transcript_id, call_id, turn, if(turn % 2 = 0, 'agent', 'customer'), start_s, start_s + 5,
    string_agg(said, ' '), false, NULL,
    list(struct_pack(
        "text" := said, start_s := round(start_s + place * 0.33, 2), end_s := round(start_s + place * 0.33 + 0.28, 2),
        probability := chance
    ))
FROM (
    SELECT transcript_id, call_id, turn, start_s, unnest(range(many)) AS place, (random() * $last_word)::INT AS word,
        round(random(), 4) AS chance
    FROM (
        SELECT transcript_id, call_id, turn, round(turn * 6 + random(), 2) AS start_s,
            $least + (random() * ($most - $least))::INT AS many
        FROM transcripts, range($turns) t(turn) WHERE transcript_id BETWEEN $first AND $last
    )
) JOIN vocabulary USING (word)
GROUP BY transcript_id, call_id, turn, start_s
ORDER BY transcript_id, turn;

INSERT INTO speech
SELECT transcript_id, call_id, speaker, round(start_s + random(), 3), round(end_s - random(), 3)
FROM turns WHERE transcript_id BETWEEN $first AND $last ORDER BY transcript_id, turn;

INSERT INTO scorecards BY NAME
SELECT nextval('scorecard_ids') AS scorecard_id, call_id, transcript_id, random() * 100 AS percent, 1 AS coverage,
    [] AS flags, [] AS reasons, NULL AS interruptions_unknown, false AS speakers_settled, 'empathy' AS rubric,
    $rubric AS rubric_version, 'made up' AS scorer, 'tiny.en' AS model, made_at AS scored_at
FROM transcripts ORDER BY transcript_id;

INSERT INTO scores
SELECT scorecard_id, call_id, i, 'criterion ' || i, 'Is criterion ' || i || ' met?',
    ['met', 'partly', 'missed'][1 + (random() * 2)::INT], random() * 12, 12,
    'The agent did it ' || (random() * 9)::INT || ' times and left it out ' || (random() * 9)::INT || ' times.', false,
    '{"from": 0.3, "partly_from": -2.4}'
FROM scorecards, range(15) t(i) WHERE scorecard_id BETWEEN $first AND $last ORDER BY scorecard_id, i;

INSERT INTO evidence
SELECT scorecard_id, call_id, 'criterion ' || turn % 15, turn, turn, 0, 6, text[:40], 'rule ' || turn, start_s, end_s
FROM turns JOIN scorecards USING (transcript_id, call_id)
WHERE turn % 3 = 0 AND transcript_id BETWEEN $first AND $last ORDER BY scorecard_id, turn;

INSERT INTO occasions
SELECT scorecard_id, call_id, 'criterion ' || turn % 15, turn, 'problem', turn, 0, 6, text[:40], 'rule ' || turn,
    start_s, end_s, NULL
FROM turns JOIN scorecards USING (transcript_id, call_id)
WHERE turn % 6 = 1 AND transcript_id BETWEEN $first AND $last ORDER BY scorecard_id, turn;

INSERT INTO acts
SELECT scorecard_id, call_id, turn, 'act ' || turn % 14, speaker, turn, 0, 6, text[:40], 'rule ' || turn, start_s,
    end_s, NULL
FROM turns JOIN scorecards USING (transcript_id, call_id)
WHERE turn % 2 = 0 AND transcript_id BETWEEN $first AND $last ORDER BY scorecard_id, turn;

INSERT INTO scorecard_measures BY NAME
SELECT scorecard_id, call_id, random() AS agent_talk_share, random() * 40 AS agent_longest_monologue_s,
    random() AS agent_answer_s, (random() * 9)::INT AS silences, random() AS mood_start, random() AS mood_end
FROM scorecards ORDER BY scorecard_id
