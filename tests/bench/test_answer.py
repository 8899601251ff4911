import pytest

from maxserve.bench.answer import Answer
from maxserve.bench.instant import canned

ROLE = b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'
WORD = b'data: {"choices":[{"index":0,"delta":{"content":" data:\\ndata: x"}}]}\n\n'
THOUGHT = b'data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}\n\n'
USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}\n\n'
DONE = b"data: [DONE]\n\n"


def read(*pieces, stream=True, status=200):
    answer = Answer(stream, start=10.0)
    answer.status = status
    for number, piece in enumerate(pieces):
        answer.feed(piece, 11.0 + number)
    answer.finish()
    return answer


def test_a_stream_counts_frames_and_usage():
    answer = read(ROLE, WORD, WORD + WORD, USAGE + DONE)
    assert (answer.frames, answer.tokens, answer.prompt_tokens, answer.error) == (5, 3, 7, None)
    assert (answer.first_byte, answer.first_text, answer.last_text) == (11.0, 12.0, 14.0)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_frames_do_not_depend_on_the_chunking(size):
    body = ROLE + b": keep-alive\n\n" + WORD * 5 + USAGE + DONE
    answer = read(*(body[at : at + size] for at in range(0, len(body), size)))
    assert (answer.frames, answer.tokens, answer.error) == (7, 3, None)
    assert sum(count for _, count in answer.gaps) == 7  # between 8 frames, [DONE] among them


def test_frames_of_one_read_share_their_time():
    answer = read(WORD, WORD * 3, DONE)
    assert answer.gaps == [(1.0, 1), (0.0, 2), (1.0, 1)]


def test_a_thought_and_a_plain_completion_are_text():
    assert read(ROLE, THOUGHT, DONE).first_text == 12.0
    assert read(b'data: {"choices":[{"index":0,"text":"a"}]}\n\n', DONE).first_text == 11.0


def test_lines_that_are_no_frames_are_passed_over():
    answer = read(b"event: x\nid: 1\n" + b"data: [1]\n\n" + b"data: nonsense\n\n", WORD + DONE)
    assert answer.first_text == 12.0
    assert answer.error is None


def test_a_stream_that_breaks_off_is_an_error():
    assert read(ROLE, WORD).error == "the stream ended without [DONE]"


def test_an_error_frame_is_an_error():
    answer = read(ROLE, b'data: {"error":{"message":"the engine\\nended","code":502}}\n\n', DONE)
    assert answer.error == "the engine ended"


def test_an_error_status_tells_its_message():
    assert read(b'{"error":{"message":"too many"}}', status=429).error == "429 too many"
    assert read(b'{"detail":"no"}', status=404, stream=False).error == "404 no"
    assert read(b"<html>", status=502, stream=False).error == "502 <html>"
    assert read(status=500).error == "500"


def test_a_whole_answer_counts_by_usage():
    answer = read(
        b'{"choices":[{"message":{"content":"x"}}],',
        b'"usage":{"prompt_tokens":1,"completion_tokens":9}}',
        stream=False,
    )
    assert (answer.tokens, answer.prompt_tokens, answer.error, answer.frames) == (9, 1, None, 0)
    assert read(b'{"choices":[{"text":"x"}]}', stream=False).tokens is None


def test_a_whole_answer_of_another_form_is_an_error():
    assert read(b"OK", stream=False).error == "the answer is not a completion"
    assert read(b'{"error":"out of order"}', stream=False).error == "out of order"
    assert read(b"{}", stream=False).error is not None


def test_the_canned_answers_are_what_this_room_reads():
    _, _, body = canned(True, 4).partition(b"\r\n\r\n")
    chunks = body.split(b"\r\n")[1::2]
    assert read(*chunks).frames == 4
    assert read(canned(False, 4).partition(b"\r\n\r\n")[2], stream=False).tokens == 4
