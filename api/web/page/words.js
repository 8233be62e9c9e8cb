// Every code of the service, said to a person: what happened, and what to do about it.
//
// A code's last word is the button's: "again" asks the same again, "look" asks how the job is that goes on.

export const WORDS = {
  // The address.
  invalid_url: ["That is no address", "An address looks like https://example.com/cat.jpg and has at most 2 048 characters."],
  unsupported_scheme: ["Only web addresses", "The address has to begin with https:// or http://."],
  credentials_in_url: ["A password in the address", "Take the name and password out of the address. They are not sent on."],
  blocked_address: ["That address is not for us", "Only pictures on the public Internet are fetched. Save the picture and drop the file here."],
  blocked_port: ["That port is not for us", "Pictures are fetched from the usual ports, 80 and 443. Save the picture and drop the file here."],

  // The picture's host.
  upstream_unreachable: ["Nobody there", "The picture's host has no address, or does not answer. Check the spelling, or try later.", "again"],
  upstream_status: ["The host said no", "It did not hand the picture out: it may be gone, or only for visitors who are signed in there. Save it and drop the file here.", "again"],
  upstream_protocol: ["The host is hard to understand", "Its answer, or its certificate, was broken. Save the picture and drop the file here.", "again"],
  too_many_redirects: ["Sent in circles", "The address leads on and on. Open it yourself and take the one where it ends."],
  incomplete_body: ["Cut off on the way", "The host hung up before the picture was whole.", "again"],
  fetch_timeout: ["The host took too long", "The picture did not arrive in time. Try later, or save it and drop the file here.", "again"],

  // The picture.
  body_too_large: ["Too heavy", "A picture may have 10 MB here. Save a smaller copy."],
  too_many_pixels: ["Too large", "A picture may have 50 million pixels, 16 384 a side. Save a smaller copy."],
  unsupported_format: ["Not a picture that is read here", "JPEG, PNG, WebP, GIF, BMP, TIFF and AVIF are. From an iPhone, choose “Most Compatible” or share a JPEG. Of a web page, take the picture's own address."],
  invalid_image: ["The picture is damaged", "It ends too soon or is garbled. Open it elsewhere and save it anew."],
  decoder_crashed: ["The picture is too odd", "Reading it took too much time or memory. Save it anew as a JPEG."],
  worker_crashed: ["The picture was set aside", "It stopped several workers, and is not tried again. Save it anew as a JPEG."],
  picture_gone: ["The picture is no longer here", "What is sent is not kept. Choose it again."],

  // The wait.
  timed_out: ["No answer yet", "It took longer than we wait. The job goes on.", "look"],
  shutting_down: ["This server is being replaced", "The job goes on at another.", "look"],
  job_expired: ["Too late", "Nobody came to it before its time was over.", "again"],
  job_canceled: ["Canceled", "Nobody looks at it any more.", "again"],
  job_not_found: ["That job is not known", "It may be too long ago.", "again"],
  job_exists: ["Asked before", "There is another job of this name.", "again"],
  job_unfinished: ["Not done yet", "The job goes on.", "look"],
  rate_limited: ["A moment, please", "That was more than your share of requests.", "again"],
  overloaded: ["Very busy just now", "Too many pictures wait. Nothing was sent; try in a moment.", "again"],
  queue_unavailable: ["Out of order for a moment", "The queue cannot be reached. Nothing was sent; try in a moment.", "again"],
  request_timeout: ["The picture did not get here", "Sending it took too long. A smaller copy goes faster.", "again"],
  unreachable: ["No connection", "The service cannot be reached from here. Is your network there?", "again"],
  internal: ["Our fault", "Something broke that has nothing to do with your picture. Try once more.", "again"],

  // Who asks, and how.
  unauthorized: ["This service asks for a key", "Whoever runs it can give you one."],
  forbidden: ["Your key does not open this", "It needs the scopes “classify” and “jobs”. Whoever gave it to you can make another."],
  model_not_found: ["No such model", "The model that was asked for is not here."],
  layer_not_found: ["No such layer", "The model has no layer of that name."],
  no_layers: ["No layers to read", "This model can only be asked for labels."],
  activation_too_large: ["Too much to hand out", "The layer gives more than 8 MB."],
  invalid_parameter: ["Something in the request is off", "Reload this page; it may be older than the service."],
  invalid_request: ["Something in the request is off", "Reload this page; it may be older than the service."],
  headers_too_large: ["Too many cookies", "Your browser sent more than the service reads. Clear this site's cookies and reload."],
  idempotency_mismatch: ["Asked before, otherwise", "Reload this page and ask anew."],
};

const ELSE = ["That did not work", "The service said:"];

/** { title, text, button } for a refusal. */
export function words(refused) {
  const [title, text, button = ""] = WORDS[refused.code] ?? ELSE;
  if (!WORDS[refused.code]) return { title, text: `${text} ${refused.message}`, button: "again" };
  if (button === "look" && !refused.job) return { title, text, button: "again" };
  return { title, text, button };
}
