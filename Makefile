# The verbs of the book. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INPUTS := requirements.txt constraints.txt pyproject.toml
export OMP_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYTHONUTF8 = 1
ALONE := $(PYTHON) tools/alone.py

help:  ## list the verbs
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

site: $(VENV)/site  ## build the website from the stored outputs
	@echo "Building the site ..."
	@$(ALONE) site $(BIN)/python -m tools.site
	@echo "The site is built: open $(CURDIR)/_build/html/index.html, or run make serve"

serve: $(VENV)/all  ## show the site on localhost, rebuilt when a file is saved
	@$(BIN)/python -m tools.serve

test: $(VENV)/all  ## run everything: lint, unit tests, every notebook cell, the site in a browser
	@$(BIN)/ruff check -q . && $(BIN)/ruff format -q --check .
	@$(BIN)/python -m tools.chromium
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/all  ## what an author wants to know within a minute: lint, the form of every page, lib, the repository
	@$(BIN)/ruff check -q . && $(BIN)/ruff format -q --check .
	@$(BIN)/python -m pytest -q -n 2 tests/test_structure.py tests/test_lib.py tests/test_likelihoods.py tests/test_repository.py

refresh: $(VENV)/all  ## run notebooks from top to bottom and store what they print (NB=chapters/x.ipynb for one)
	@$(ALONE) notebooks $(BIN)/python -m tools.refresh $(NB)

chapter: $(VENV)/all  ## make a new chapter from the template (NAME=student_t)
	@$(ALONE) notebooks $(BIN)/python -m tools.new_chapter $(NAME)

exercises: $(VENV)/all  ## release exercises/ from solutions/ (SEED=7 for the variant of a course)
	@$(ALONE) notebooks $(BIN)/python -m tools.release $(if $(SEED),--seed $(SEED))

questions: $(VENV)/all  ## write the question bank for Moodle, Canvas, ILIAS and Anki into _build/teaching (SEED=7 for other numbers)
	@$(BIN)/python -m teaching.questions $(SEED)

paper: $(VENV)/all  ## print problems, exams, their solutions and a cheat sheet as PDF into _build/teaching/paper (SEED=7 for other exams)
	@$(BIN)/python -m teaching.paper $(SEED)

otter: $(VENV)/all  ## write the exercises for Otter-Grader and Gradescope into _build/teaching/otter (OPTIONS=warm_ups for one assignment)
	@$(BIN)/python -m teaching.otter $(OPTIONS)

slides: $(VENV)/all site  ## make a deck of slides for each chapter, from its page, in _build/teaching/slides
	@$(BIN)/python -m teaching.slides

kit: $(VENV)/all site  ## all that a teacher takes (questions, slides, paper, otter), put into the site and linked from its teach page
	@$(BIN)/python -m teaching.kit

grade: $(VENV)/all  ## grade a class (ASSIGNMENT=warm_ups SUBMISSIONS=folder; OPTIONS=--help lists more)
	@$(BIN)/python -m course grade $(ASSIGNMENT) $(if $(SUBMISSIONS),--submissions $(SUBMISSIONS)) $(OPTIONS)

demo-class: $(VENV)/all  ## make a synthetic class to try grading on (N=20, ASSIGNMENT=warm_ups)
	@$(BIN)/python -m course demo-class $(or $(ASSIGNMENT),warm_ups) $(if $(N),--students $(N)) $(OPTIONS)

sweep: $(VENV)/all  ## run the chapters with other seeds, steps and starts, report what changes (CHAPTER=mae_laplace for one)
	@$(BIN)/python -m tools.sweep $(CHAPTER)

bench: $(VENV)/all  ## measure chapters, site build, likelihoods and grading, each against a twin
	@$(BIN)/python -m tools.bench

mutants: $(VENV)/all  ## change lib line by line and count the changes that no test notices (a few minutes)
	@rm -rf mutants  # it holds verdicts of older tests
	@MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/mutmut run --max-children 2
	@$(BIN)/mutmut results

downloads: $(VENV)/all site  ## what can be taken away, linked from the front page: the book as PDF and ePub, all notebooks
	@$(BIN)/python -m tools.downloads

page-report: $(VENV)/all  ## measure the pages of the built site: shares of code and pictures, widths, first picture
	@$(BIN)/python -m tools.page_report $(PAGES)

thumbnails: $(VENV)/all  ## draw the small pictures of the front page
	@$(BIN)/python -m tools.thumbnails

links: $(VENV)/site  ## follow every link that leaves the book
	@$(BIN)/jupyter-book build . --builder custom --custom-builder linkcheck -q

versions:  ## run the tests with the newest release of all that may move, then build with the newest of what is fixed too
	@$(PYTHON) -m venv .venv-newest
	@.venv-newest/bin/pip install -q -e '.[notebooks,site,test,course,cluster,postgres,dev]'
	.venv-newest/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder \
	  --deselect tests/test_tools.py::test_the_page_of_licences_lists_what_is_pinned
	@.venv-newest/bin/pip install -q -U --no-deps docutils myst-nb myst-parser pydata-sphinx-theme sphinx sphinx-book-theme
	.venv-newest/bin/python -m tools.site

lock: $(VENV)/all  ## pin what pyproject.toml asks for: constraints.txt, and Binder's part of it (OPTIONS=--upgrade moves the pins)
	@$(BIN)/uv pip compile -q --all-extras $(OPTIONS) -o constraints.txt pyproject.toml
	@sed '1!d' binder/requirements.txt > binder/requirements.part
	@$(BIN)/uv pip compile -q --extra notebooks -c constraints.txt --no-header pyproject.toml >> binder/requirements.part
	@mv binder/requirements.part binder/requirements.txt

clean:  ## remove what was built, and the environment
	rm -rf $(VENV) .venv-newest _build mutants *.egg-info .pytest_cache .ruff_cache

# The environment: made once, and again only when one of INPUTS changes.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "This book needs Python 3.11 or newer, but '$(PYTHON)' is older or missing. Try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "This book needs Python's venv module. On Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Making a virtual environment in $(VENV) ..."
	@$(ALONE) environment $(PYTHON) -m venv $(VENV)

$(VENV)/site: $(BIN)/python $(INPUTS)
	@echo "Installing what the book needs (a few minutes the first time) ..."
	@$(ALONE) environment $(BIN)/pip install -q --progress-bar on -r requirements.txt
	@touch $@

$(VENV)/all: $(VENV)/site
	@echo "Installing what tests and authors need ..."
	@$(ALONE) environment $(BIN)/pip install -q --progress-bar on -c constraints.txt -e '.[test,course,cluster,postgres,dev]'
	@touch $@

.PHONY: help site serve test check refresh chapter exercises questions paper otter slides kit grade demo-class sweep bench mutants page-report thumbnails downloads links versions lock clean
.DELETE_ON_ERROR:
