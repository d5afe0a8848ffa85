// A form that only carries somebody on goes by itself; without this module there is its button.
document.querySelector('form[data-submit-now]')?.requestSubmit();
